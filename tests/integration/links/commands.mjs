// Every command of schema/commands.json to each of three vehicles made of node-mavlink, which share one link and one socket: it
// reaches the right system and component and no other. Then acknowledgements of every kind, lost, repeated, late, and silence.
// commands.mjs LINKS_DUMP WORK_FOLDER COMMANDS_JSON
import { readFileSync } from 'node:fs'
import { Differences, packageOf } from './compare.mjs'
import { linkWithVehicles } from './vehicles.mjs'

const [dump, work, table] = process.argv.slice(2)
const mavlink = packageOf(work, 'node-mavlink')
const { minimal, common } = mavlink
const { MavType, MavAutopilot } = minimal
const { MavCmd, MavFrame, MavResult } = common
const rows = JSON.parse(readFileSync(table, 'utf8')).commands.filter((row) => row.mavlink) // missions.mjs has the others

const kHomeM = 100
const vehicles = {
    1: { kind: 'drone', type: MavType.QUADROTOR, autopilot: MavAutopilot.ARDUPILOTMEGA, gimbal: 154, camera: 100, companion: 191 },
    2: { kind: 'drone', type: MavType.QUADROTOR, autopilot: MavAutopilot.PX4, gimbal: 1, camera: 1, companion: 191 },
    3: { kind: 'vessel', type: MavType.SURFACE_BOAT, autopilot: MavAutopilot.ARDUPILOTMEGA, gimbal: 1, camera: 101, companion: 191 },
}

// What a person who knows MAVLink expects of each command: MAV_CMD, component, parameters 1 to 7 (undefined: NaN; places in
// degrees), by [ArduPilot's drone, PX4's drone, the boat]; the frame where it is COMMAND_INT.
const place = { latitude_deg: 59.5, longitude_deg: -24.25 }
const global = { frame: MavFrame.GLOBAL }
const aboveHome = { frame: MavFrame.GLOBAL_RELATIVE_ALT }
const expected = {
    arm: [{}, MavCmd.COMPONENT_ARM_DISARM, 'autopilot', [1]],
    disarm: [{}, MavCmd.COMPONENT_ARM_DISARM, 'autopilot', [0]],
    takeoff: [{ altitude_m: 20 }, MavCmd.NAV_TAKEOFF, 'autopilot', { 1: [0, 0, 0, 0, 0, 0, 20], 2: [-1, 0, 0, , , , kHomeM + 20] }],
    land: [{}, MavCmd.NAV_LAND, 'autopilot', []],
    return: [{}, MavCmd.NAV_RETURN_TO_LAUNCH, 'autopilot', []],
    hold: [{}, MavCmd.DO_SET_MODE, 'autopilot', { 1: [1, 17], 2: [1, 4, 3], 3: [1, 5] }],
    goto: [{ drone: { ...place, altitude_m: 40 }, vessel: { ...place, speed_mps: 3 } }, MavCmd.DO_REPOSITION, 'autopilot',
        { 1: [-1, 1, 0, , 59.5, -24.25, 40], 2: [-1, 1, 0, , 59.5, -24.25, kHomeM + 40], 3: [3, 1, 0, , 59.5, -24.25, 0] },
        { 1: aboveHome, 2: global, 3: aboveHome }],
    set_mode: [{ 1: { mode: 'GUIDED' }, 2: { mode: 'AUTO.RTL' }, 3: { mode: 'GUIDED' } }, MavCmd.DO_SET_MODE, 'autopilot',
        { 1: [1, 4], 2: [1, 4, 5], 3: [1, 15] }],
    set_speed: [{ speed_mps: 7.5 }, MavCmd.DO_CHANGE_SPEED, 'autopilot', [1, 7.5, -1]],
    set_altitude: [{ altitude_m: 55 }, MavCmd.DO_CHANGE_ALTITUDE, 'autopilot', [55, MavFrame.GLOBAL_RELATIVE_ALT]],
    set_heading: [{ heading_deg: 270 }, MavCmd.CONDITION_YAW, 'autopilot', [270]],
    orbit: [{ ...place, altitude_m: 40, radius_m: -80 }, MavCmd.DO_ORBIT, 'autopilot',
        { 1: [-80, , 0, 0, 59.5, -24.25, 40], 2: [-80, , 0, 0, 59.5, -24.25, kHomeM + 40] }, { 1: aboveHome, 2: global }],
    set_home: [{ ...place, altitude_msl_m: 12 }, MavCmd.DO_SET_HOME, 'autopilot', [0, 0, 0, 0, 59.5, -24.25, 12], global],
    set_home_here: [{}, MavCmd.DO_SET_HOME, 'autopilot', [1], global],
    station_keep: [{}, MavCmd.DO_SET_MODE, 'autopilot', [1, 5]],
    steer: [{ heading_deg: 90, speed_mps: 2 }, MavCmd.NAV_SET_YAW_SPEED, 'autopilot', [90, 2]],
    set_throttle: [{ throttle_percent: 30 }, MavCmd.DO_CHANGE_SPEED, 'autopilot', [1, -1, 30]],
    terminate: [{}, MavCmd.DO_FLIGHTTERMINATION, 'autopilot', [1]],
    reboot_companion: [{}, MavCmd.PREFLIGHT_REBOOT_SHUTDOWN, 'companion', [0, 1]],
    set_relay: [{ number: 2, on: true }, MavCmd.DO_SET_RELAY, 'autopilot', [2, 1]],
    gimbal_take: [{}, MavCmd.DO_GIMBAL_MANAGER_CONFIGURE, 'gimbal', [-2, -2, -1, -1]],
    gimbal_release: [{}, MavCmd.DO_GIMBAL_MANAGER_CONFIGURE, 'gimbal', [-3, -3, -1, -1]],
    gimbal_angles: [{ pitch_deg: -30, yaw_deg: 15 }, MavCmd.DO_GIMBAL_MANAGER_PITCHYAW, 'gimbal', [-30, 15, , , 4 + 8 + 32]],
    gimbal_location: [{ ...place, altitude_msl_m: 12 }, MavCmd.DO_SET_ROI_LOCATION, 'gimbal', [0, 0, 0, 0, 59.5, -24.25, 12], global],
    gimbal_neutral: [{}, MavCmd.DO_SET_ROI_NONE, 'gimbal', []],
    track_point: [{ x: 0.25, y: 0.5, radius: 0.125 }, MavCmd.CAMERA_TRACK_POINT, 'camera', [0.25, 0.5, 0.125]],
    track_stop: [{}, MavCmd.CAMERA_STOP_TRACKING, 'camera', []],
    photo: [{}, MavCmd.IMAGE_START_CAPTURE, 'camera', [0, 0, 1, 'counts']],
    video_start: [{}, MavCmd.VIDEO_START_CAPTURE, 'camera', []],
    video_stop: [{}, MavCmd.VIDEO_STOP_CAPTURE, 'camera', []],
    zoom: [{ zoom_percent: 50 }, MavCmd.SET_CAMERA_ZOOM, 'camera', [2, 50]],
    focus: [{ focus_percent: 25 }, MavCmd.SET_CAMERA_FOCUS, 'camera', [2, 25]],
    autofocus: [{}, MavCmd.SET_CAMERA_FOCUS, 'camera', [4]],
}

const ack = (command, result, progress = 255) =>
    Object.assign(new common.CommandAck(), { command, result, progress, targetSystem: 255, targetComponent: 190 })

function introduce(say, heartbeat) {
    for (const [id, vehicle] of Object.entries(vehicles)) {
        const system = Number(id)
        say(system, 1, heartbeat(vehicle.type, vehicle.autopilot))
        say(system, 1, Object.assign(new common.GlobalPositionInt(), { timeBootMs: 1000, lat: 10, lon: 10, alt: (kHomeM + 30) * 1000, relativeAlt: 30_000 }))
        say(system, vehicle.companion, heartbeat(MavType.ONBOARD_CONTROLLER, MavAutopilot.INVALID))
        if (vehicle.camera !== 1) {
            say(system, vehicle.camera, heartbeat(MavType.CAMERA, MavAutopilot.INVALID))
        }
        if (vehicle.gimbal !== 1) {
            say(system, vehicle.gimbal, new common.GimbalManagerStatus())
        }
    }
}

const heard = []
/** What the vehicle that is addressed answers: [result, progress] in turn for each time that it hears the command. */
let answers = () => [[MavResult.ACCEPTED]]
const { say, told, until, send, updates, reaches, result, end } = await linkWithVehicles(dump, work, introduce, (message, tell) => {
    if (message instanceof common.CommandLong || message instanceof common.CommandInt) {
        tell(heard, message)
        for (const [result, progress] of answers(message)) {
            say(message.targetSystem, message.targetComponent, ack(message.command, result, progress))
        }
    }
})

function compareParams(differences, message, wanted, where) {
    for (let i = 0; i < 7; i++) {
        const is = message[`_param${i + 1}`]
        const int = message instanceof common.CommandInt && (i === 4 || i === 5)
        const want = i in wanted ? wanted[i] : i < wanted.length ? NaN : 0
        const same = want === 'counts' ? is > 0 : int ? is === Math.round(want * 1e7) : Object.is(is, Math.fround(want)) || is === Math.fround(want)
        differences.check(same, () => `${where}: param${i + 1} is ${is}, expected ${want}`)
    }
}

async function compareEveryCommand() {
    const differences = new Differences('every command to each of three vehicles on one link')
    differences.check(rows.every((row) => expected[row.name]) && rows.length === Object.keys(expected).length,
        () => `the table has other commands than this test: ${rows.map((row) => row.name)}`)
    await until('all vehicles', () => [1, 2, 3].every((id) => told.some((each) => each.address === String(id) && each.sample?.mode)))
    await until('all positions', () => [1, 2, 3].every((id) => told.some((each) => each.address === String(id) && each.sample?.altitude_msl_m)))
    for (const [id, vehicle] of Object.entries(vehicles)) {
        for (const row of rows.filter((each) => each.kinds.includes(vehicle.kind))) {
            const [parameters, command, component, params, frame] = expected[row.name]
            const given = parameters[id] ?? parameters[vehicle.kind] ?? parameters
            const before = heard.length
            const sent = send(id, row.name, given, { kind: vehicle.kind })
            await reaches(sent, 'accepted')
            const where = `${row.name} to ${id}`
            const most = 1 + (row.resend?.times ?? 0) // a slow machine's acknowledgement may be late enough for the protocol's rule
            differences.check(heard.length > before && heard.length <= before + most, () => `${where}: heard ${heard.length - before} times`)
            const message = heard.at(-1)
            const at = component === 'autopilot' ? 1 : vehicle[component]
            differences.check(message.targetSystem === Number(id) && message.targetComponent === at,
                () => `${where}: went to ${message.targetSystem}/${message.targetComponent}, expected ${id}/${at}`)
            differences.check(message.command === command, () => `${where}: ${message.command}, expected ${command}`)
            const wantedFrame = frame && (frame[id] ?? frame).frame
            differences.check((message instanceof common.CommandInt) === (wantedFrame !== undefined) && message.frame === wantedFrame,
                () => `${where}: frame ${message.frame}, expected ${wantedFrame}`)
            compareParams(differences, message, Array.isArray(params) ? params : params[id], where)
        }
    }
    differences.check(heard.every((message) => message.targetSystem !== 0 && message.targetComponent !== 0), () => 'a broadcast')
    differences.finish(600)
}

async function compareAnswers() {
    const differences = new Differences('acknowledgements of every kind, lost, repeated, late, and silence')
    const kinds = [
        ['accepted', [[MavResult.ACCEPTED]]],
        ['denied', [[MavResult.TEMPORARILY_REJECTED]]],
        ['denied', [[MavResult.DENIED]]],
        ['failed', [[MavResult.UNSUPPORTED]]],
        ['failed', [[MavResult.FAILED]]],
        ['cancelled', [[MavResult.CANCELLED]]],
        ['in_progress,completed', [[MavResult.IN_PROGRESS, 40], [MavResult.ACCEPTED]]],
        ['accepted', [[MavResult.ACCEPTED], [MavResult.ACCEPTED], [MavResult.DENIED]]], // repeated: the first counts
    ]
    for (const [states, said] of kinds) {
        answers = () => said
        const id = send(2, 'set_speed', { speed_mps: 5 })
        await reaches(id, states.split(',').at(-1))
        answers = () => [[MavResult.ACCEPTED]]
        await reaches(send(1, 'zoom', { zoom_percent: 1 }), 'accepted') // by now the repeated ones have come, too
        differences.check(updates(id).join() === `sent,${states}`, () => `${JSON.stringify(said)}: ${updates(id)}, expected sent,${states}`)
    }

    // The wrong ones answer: another system, another component, another command, another ground station.
    answers = () => []
    const silent = send(1, 'land', {})
    await reaches(silent, 'sent')
    say(2, 1, ack(MavCmd.NAV_LAND, MavResult.ACCEPTED))
    say(1, 100, ack(MavCmd.NAV_LAND, MavResult.ACCEPTED))
    say(1, 1, ack(MavCmd.NAV_TAKEOFF, MavResult.ACCEPTED))
    say(1, 1, Object.assign(ack(MavCmd.NAV_LAND, MavResult.ACCEPTED), { targetSystem: 254 }))
    const second = send(1, 'land', {})
    differences.check((await result(second)).result === 'conflict', () => 'a second one was sent while the first was in flight')
    const neighbour = send(2, 'land', {})
    differences.check((await result(neighbour)).result === 'ok', () => 'the neighbour was held up')
    await reaches(silent, 'expired')
    differences.check((await result(send(1, 'land', {}))).result === 'conflict', () => 'sent while a late acknowledgement might come')
    say(1, 1, ack(MavCmd.NAV_LAND, MavResult.ACCEPTED))
    await reaches(silent, 'late accepted')
    differences.check(updates(silent).join() === 'sent,expired,late accepted', () => `late: ${updates(silent)}`)
    differences.check((await result(send(1, 'land', {}))).result === 'ok', () => 'held back although the late acknowledgement came')

    // Silence: hold is said three times and no more, each time told; with a lost acknowledgement it ends well.
    const before = heard.length
    const hold = send(3, 'hold', {})
    await reaches(hold, 'expired')
    const said = heard.slice(before).filter((message) => message.command !== MavCmd.NAV_LAND) // the last one before may be under way still
    differences.check(updates(hold).join() === 'sent,sent,sent,expired', () => `hold: ${updates(hold)}`)
    differences.check(said.length === 3 && said.every((message, i) => message.targetSystem === 3 && message.confirmation === i),
        () => `hold was heard ${said.length} times`)
    let times = 0
    answers = () => (++times < 2 ? [] : [[MavResult.ACCEPTED]])
    const lost = send(1, 'return', {})
    await reaches(lost, 'accepted')
    differences.check(/^sent(,sent)+,accepted$/.test(updates(lost).join()), () => `a lost one: ${updates(lost)}`)

    // An emergency does not wait, and the other's acknowledgement is not taken for its own.
    answers = () => []
    const unheard = heard.length
    const mode = send(2, 'set_mode', { mode: 'POSCTL' })
    await until('the mode to be heard', () => heard.length > unheard && updates(mode).includes('sent'))
    answers = () => [[MavResult.ACCEPTED]]
    const stop = send(2, 'hold', {})
    await reaches(stop, 'accepted')
    differences.check(updates(mode).join() === 'sent,expired,late accepted', () => `overtaken: ${updates(mode)}`)
    differences.check(/^sent(,sent)+,accepted$/.test(updates(stop).join()), () => `emergency: ${updates(stop)}`)

    // What must not be sent.
    const now = heard.length
    for (const [target, command, parameters, options, code] of [
        ['0', 'hold', {}, {}, 'invalid_argument'], ['255', 'hold', {}, {}, 'invalid_argument'], ['', 'hold', {}, {}, 'invalid_argument'],
        ['9', 'hold', {}, {}, 'unavailable'], [1, 'explode', {}, {}, 'unsupported'], [1, 'takeoff', { altitude_m: 1e9 }, {}, 'invalid_argument'],
        [1, 'set_mode', { mode: 'NOWHERE' }, {}, 'invalid_argument'], [1, 'photo', {}, { deadline_ms: -1 }, 'expired']]) {
        const refused = await result(send(target, command, parameters, options))
        differences.check(refused.result === code, () => `${command} to '${target}': ${JSON.stringify(refused)}, expected ${code}`)
    }
    differences.check(heard.length === now, () => 'what was refused was sent')
    differences.finish(27)
}

await compareEveryCommand()
await compareAnswers()
end()
