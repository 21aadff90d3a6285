// Missions to, from and out of three vehicles made of node-mavlink, which share one link and one socket: ArduPilot's with home as its
// item 0, PX4's that asks as old ones do, and a boat. missions.mjs LINKS_DUMP WORK_FOLDER
import { Differences, packageOf } from './compare.mjs'
import { linkWithVehicles } from './vehicles.mjs'

const [dump, work] = process.argv.slice(2)
const { minimal, common } = packageOf(work, 'node-mavlink')
const { MavType, MavAutopilot } = minimal
const { MavCmd, MavFrame, MavMissionResult, MavMissionType } = common

/** The vehicles' side of the protocol. `answers`: what it says at the end of an upload; `lose`: whether it does not hear a message. */
class MissionHolder {
    constructor(system, homeFirst, old) {
        Object.assign(this, { system, homeFirst, old, stored: homeFirst ? [this.home()] : [], answer: MavMissionResult.ACCEPTED, lose: () => false })
    }
    home() {
        return Object.assign(new common.MissionItemInt(), { command: MavCmd.NAV_WAYPOINT, x: 1, y: 2, z: 3 })
    }
    to(message) {
        return Object.assign(message, { targetSystem: 255, targetComponent: 190, missionType: MavMissionType.MISSION })
    }
    ask() {
        const request = this.old ? new common.MissionRequest() : new common.MissionRequestInt()
        return [this.to(Object.assign(request, { seq: this.next }))]
    }
    ack(type) {
        return [this.to(Object.assign(new common.MissionAck(), { type }))]
    }
    hear(message) {
        if (this.lose(message)) {
            return []
        }
        switch (message.constructor) {
            case common.MissionCount:
                Object.assign(this, { coming: Array(message.count), next: 0, last: message.count - 1 })
                return this.ask()
            case common.MissionWritePartialList:
                Object.assign(this, { coming: [...this.stored], next: message.startIndex, last: message.endIndex })
                return this.ask()
            case common.MissionItemInt:
                if (message.seq !== this.next) {
                    return []
                }
                this.coming[message.seq] = message.seq === 0 && this.homeFirst ? this.home() : message
                if (this.next++ < this.last) {
                    return this.ask()
                }
                this.stored = this.answer === MavMissionResult.ACCEPTED ? this.coming : this.stored
                return this.ack(this.answer)
            case common.MissionRequestList:
                return [this.to(Object.assign(new common.MissionCount(), { count: this.stored.length }))]
            case common.MissionRequestInt:
                return [this.to(Object.assign(new common.MissionItemInt(), this.stored[message.seq], { seq: message.seq }))]
            case common.MissionClearAll:
                this.stored = this.homeFirst ? [this.home()] : []
                return this.ack(MavMissionResult.ACCEPTED)
            default:
                return []
        }
    }
}
const vehicles = { 1: new MissionHolder(1, true, false), 2: new MissionHolder(2, false, true), 3: new MissionHolder(3, true, false) }
const kinds = { 1: 'drone', 2: 'drone', 3: 'vessel' }

function introduce(say, heartbeat) {
    say(1, 1, heartbeat(MavType.QUADROTOR, MavAutopilot.ARDUPILOTMEGA))
    say(2, 1, heartbeat(MavType.QUADROTOR, MavAutopilot.PX4))
    say(3, 1, heartbeat(MavType.SURFACE_BOAT, MavAutopilot.ARDUPILOTMEGA))
}
const heard = []
const { say, told, until, send, updates, reaches, result, end } = await linkWithVehicles(dump, work, introduce, (message, tell) => {
    if (message.constructor.MSG_NAME.startsWith('MISSION')) {
        tell(heard, message)
        for (const answer of vehicles[message.targetSystem]?.hear(message) ?? []) {
            say(message.targetSystem, 1, answer)
        }
    }
})
await until('all vehicles', () => [1, 2, 3].every((id) => told.some((each) => each.address === String(id) && each.sample?.mode)))

const at = (i, more = {}) => ({ latitude_deg: (59440 + i) / 1000, longitude_deg: (-24750 - i) / 1000, ...more })
const missions = {
    drone: [
        { item: 'takeoff', frame: 'above_home', parameters: at(0, { altitude_m: 20 }) },
        { item: 'waypoint', frame: 'above_home', parameters: at(1, { altitude_m: 40.5, hold_s: 3 }) },
        { item: 'change_speed', parameters: { speed_mps: 4.5 } },
        { item: 'look_at', frame: 'global', parameters: at(2, { altitude_m: 12 }) },
        { item: 'loiter_turns', frame: 'above_home', parameters: at(3, { altitude_m: 30, turns: 2, radius_m: -40 }) },
        { item: 'loiter_time', frame: 'global', parameters: at(4, { altitude_m: 130, time_s: 20 }) },
        { item: 'photo_distance', parameters: { distance_m: 12 } },
        { item: 'photo', parameters: {} },
        { item: 'look_ahead', parameters: {} },
        { item: 'return', parameters: {} },
        { item: 'land', frame: 'above_home', parameters: at(0, { altitude_m: 0 }) },
    ],
    vessel: [
        { item: 'waypoint', frame: 'above_home', parameters: at(1) },
        { item: 'waypoint', frame: 'above_home', parameters: at(2, { hold_s: 3, acceptance_radius_m: 5 }) },
    ],
}
// What a person who knows MAVLink expects of the drone's: MAV_CMD, frame of those with a place, parameters (undefined: NaN).
const expected = [
    [MavCmd.NAV_TAKEOFF, MavFrame.GLOBAL_RELATIVE_ALT, [0, 0, 0, undefined], 0, 20],
    [MavCmd.NAV_WAYPOINT, MavFrame.GLOBAL_RELATIVE_ALT, [3, 0, 0, undefined], 1, 40.5],
    [MavCmd.DO_CHANGE_SPEED, undefined, [1, 4.5, -1, 0]],
    [MavCmd.DO_SET_ROI_LOCATION, MavFrame.GLOBAL, [0, 0, 0, 0], 2, 12],
    [MavCmd.NAV_LOITER_TURNS, MavFrame.GLOBAL_RELATIVE_ALT, [2, 0, -40, 0], 3, 30],
    [MavCmd.NAV_LOITER_TIME, MavFrame.GLOBAL, [20, 0, 0, 0], 4, 130],
    [MavCmd.DO_SET_CAM_TRIGG_DIST, undefined, [12, 0, 1, 0]],
    [MavCmd.IMAGE_START_CAPTURE, undefined, [0, 0, 1, 0]],
    [MavCmd.DO_SET_ROI_NONE, undefined, [0, 0, 0, 0]],
    [MavCmd.NAV_RETURN_TO_LAUNCH, undefined, [0, 0, 0, 0]],
    [MavCmd.NAV_LAND, MavFrame.GLOBAL_RELATIVE_ALT, [0, 0, 0, undefined], 0, 0],
]
const parameters = { mission: 'm', version: 1 }
const upload = (id, more = {}, items = missions[kinds[id]]) =>
    send(id, 'mission_upload', { ...parameters, ...more }, { kind: kinds[id], items })
/** A transfer's last word to the vehicle may arrive after its outcome was told. */
const settled = (id, from) =>
    until(`the last acknowledgement to ${id}`, () => heard.slice(from).some((message) => message instanceof common.MissionAck && message.targetSystem === id))
const detail = (id) => told.findLast((each) => each.id === id)?.detail

function compareItems(differences, stored, where) {
    expected.forEach(([command, frame, params, place, height], i) => {
        const item = stored[i]
        const said = [item.param1, item.param2, item.param3, item.param4]
        differences.check(item.command === command && (frame === undefined || item.frame === frame), () => `${where}[${i}]: ${item.command}, frame ${item.frame}`)
        differences.check(params.every((param, k) => (param === undefined ? Number.isNaN(said[k]) : said[k] === Math.fround(param))), () => `${where}[${i}]: ${said}`)
        differences.check(place === undefined ||
            (item.x === (59440 + place) * 10_000 && item.y === (-24750 - place) * 10_000 && item.z === height),
        () => `${where}[${i}]: at ${item.x} ${item.y} ${item.z}`)
    })
}

async function compareTransfers() {
    const differences = new Differences('missions up, down and out, to one of three vehicles on one link')
    for (const id of [1, 2, 3]) {
        const before = heard.length
        const sent = upload(id)
        await reaches(sent, 'completed')
        const items = missions[kinds[id]]
        const stored = vehicles[id].homeFirst ? vehicles[id].stored.slice(1) : vehicles[id].stored
        differences.check(heard.slice(before).every((message) => message.targetSystem === id && message.targetComponent === 1), () => `${id}: others were addressed`)
        differences.check(detail(sent).startsWith(`read back: ${items.length} items, the same`), () => detail(sent))
        differences.check(stored.length === items.length, () => `${id} holds ${stored.length}`)
        differences.check(told.find((each) => each.id === sent).target === `system ${id}, component 1`, () => `${id}: the target is not told`)
        const held = told.find((each) => each.for === sent)
        differences.check(JSON.stringify(held?.held) === JSON.stringify(items), () => `${id} read back ${JSON.stringify(held)}`)
        if (kinds[id] === 'drone') {
            compareItems(differences, stored, `vehicle ${id}`)
        }
        await settled(id, before)
        const beforeRead = heard.length
        const read = send(id, 'mission_download', {}, { kind: kinds[id] })
        await reaches(read, 'completed')
        await settled(id, beforeRead)
        differences.check(JSON.stringify(told.find((each) => each.for === read).held) === JSON.stringify(items), () => `${id}: downloaded something else`)
    }

    const others = JSON.stringify([vehicles[1].stored, vehicles[3].stored])
    const changed = structuredClone(missions.drone)
    changed[1].parameters.altitude_m = 55
    const part = upload(2, { first: 1, last: 1 }, changed)
    await reaches(part, 'completed')
    differences.check(vehicles[2].stored[1].z === 55, () => 'the part was not stored')
    const clear = send(2, 'mission_clear', {})
    await reaches(clear, 'completed')
    differences.check(vehicles[2].stored.length === 0 && told.find((each) => each.for === clear).held.length === 0, () => 'it was not cleared')
    differences.check(JSON.stringify([vehicles[1].stored, vehicles[3].stored]) === others, () => 'the others hold something else now')
    differences.finish(60)
}

async function compareTrouble() {
    const differences = new Differences('missions that do not arrive as they were sent')
    // It stores something else, or not all.
    const store = MissionHolder.prototype.hear
    vehicles[1].hear = function (message) {
        const answers = store.call(this, message)
        if (message instanceof common.MissionItemInt && message.seq === this.last) {
            this.stored[2] = Object.assign(new common.MissionItemInt(), this.stored[2], { z: 400 })
        }
        return answers
    }
    const other = upload(1)
    await reaches(other, 'failed')
    differences.check(/items\[1\]\.altitude_m: 400, sent 40\.5/.test(detail(other)), () => detail(other))
    differences.check(told.find((each) => each.for === other).held[1].parameters.altitude_m === 400, () => 'what it holds is not told')
    delete vehicles[1].hear

    for (const [answer, state, word] of [[MavMissionResult.NO_SPACE, 'failed', 'no room'], [MavMissionResult.DENIED, 'denied', 'takes no missions'],
        [MavMissionResult.UNSUPPORTED_FRAME, 'failed', 'frame'], [MavMissionResult.INVALID_PARAM5_X, 'failed', 'latitude'],
        [MavMissionResult.OPERATION_CANCELLED, 'cancelled', 'broke']]) {
        vehicles[2].answer = answer
        const refused = upload(2)
        await reaches(refused, state)
        differences.check(detail(refused).includes(word), () => detail(refused))
    }
    vehicles[2].answer = MavMissionResult.ACCEPTED

    // Lost, and said again: the first of each kind does not arrive.
    const lost = new Set()
    vehicles[3].lose = (message) => {
        const first = !lost.has(message.constructor) && !(message instanceof common.MissionItemInt)
        lost.add(message.constructor)
        return first
    }
    const lossy = upload(3)
    await reaches(lossy, 'completed')
    differences.check(updates(lossy).filter((state) => state === 'sent').length === 2, () => `lossy: ${updates(lossy)}`)
    differences.check(/messages were sent again/.test(detail(lossy)), () => detail(lossy))
    vehicles[3].lose = () => false

    // One transfer a vehicle at a time, the neighbour's beside it; and what others say changes nothing.
    vehicles[1].lose = () => true
    const silent = upload(1, {}, undefined)
    await reaches(silent, 'sent')
    differences.check((await result(send(1, 'mission_clear', {}))).result === 'conflict', () => 'a second transfer was begun')
    const beside = heard.length
    const neighbour = upload(2)
    await reaches(neighbour, 'completed')
    await settled(2, beside)
    const before = heard.length
    say(1, 5, vehicles[1].to(Object.assign(new common.MissionRequestInt(), { seq: 0 })))
    say(1, 1, Object.assign(vehicles[1].to(Object.assign(new common.MissionRequestInt(), { seq: 0 })), { missionType: MavMissionType.FENCE }))
    say(1, 1, Object.assign(vehicles[1].to(Object.assign(new common.MissionRequestInt(), { seq: 0 })), { targetSystem: 254 }))
    say(9, 1, vehicles[1].to(Object.assign(new common.MissionAck(), { type: MavMissionResult.ERROR })))
    say(1, 1, Object.assign(new common.MissionCurrent(), { seq: 3, total: 11 }))
    const progress = await until('progress', () => told.find((each) => each.progress?.current === 2))
    differences.check(progress.address === '1' && progress.progress.count === 11, () => JSON.stringify(progress))
    differences.check(heard.slice(before).every((message) => message instanceof common.MissionCount), () => 'somebody else was answered')
    await reaches(silent, 'expired')
    say(1, 1, Object.assign(new common.MissionItemReached(), { seq: 3 }))
    await until('an item reached', () => told.find((each) => each.progress?.reached === 2))

    const now = heard.length
    for (const [target, command, options, code] of [['0', 'mission_clear', {}, 'invalid_argument'], ['9', 'mission_clear', {}, 'unavailable'],
        [2, 'mission_clear', { deadline_ms: -1 }, 'expired']]) {
        const refused = await result(send(target, command, {}, options))
        differences.check(refused.result === code, () => `${command} to '${target}': ${JSON.stringify(refused)}`)
    }
    differences.check((await result(send(2, 'mission_upload', parameters, {}))).result === 'invalid_argument', () => 'an upload without items')
    differences.check((await result(upload(2, { first: 3, last: 99 }))).result === 'invalid_argument', () => 'a part that is not there')
    differences.check(heard.length === now, () => 'what was refused was sent')
    differences.finish(18)
}

await compareTransfers()
await compareTrouble()
end()
