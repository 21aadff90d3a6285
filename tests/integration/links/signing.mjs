// A signed link against node-mavlink's own signatures: both ways, then everything that must be refused, each told by its reason.
// signing.mjs LINKS_DUMP WORK_FOLDER
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { Differences, packageOf } from './compare.mjs'

const [dump, work] = process.argv.slice(2)
const mavlink = packageOf(work, 'node-mavlink')
const { minimal, common } = mavlink
const { MavLinkPacketSignature, MavLinkProtocolV1, MavLinkProtocolV2 } = mavlink

const passphrase = randomBytes(12).toString('hex')
const key = MavLinkPacketSignature.key(passphrase)
const keyFile = join(work, 'signing-key')
writeFileSync(keyFile, createHash('sha256').update(passphrase).digest('hex') + '\n', { mode: 0o600 })

const socket = createSocket('udp4')
await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve))
const link = spawn(dump, ['link', `mavlink+udpout://127.0.0.1:${socket.address().port}?signing-key-file=${keyFile}&signing-link-id=5`],
    { stdio: ['pipe', 'pipe', 'inherit'] })

const waiting = new Set()
const told = []
const heard = []
const tell = (list, entry) => {
    list.push(entry)
    waiting.forEach((look) => look())
}
function until(what, condition, ms = 20_000) {
    return new Promise((resolve, reject) => {
        const late = setTimeout(() => end(reject, new Error(`waited in vain for ${what}; told ${JSON.stringify(told.slice(-4))}`)), ms)
        const end = (settle, value) => {
            clearTimeout(late)
            waiting.delete(look)
            settle(value)
        }
        const look = () => {
            const found = condition()
            if (found) {
                end(resolve, found)
            }
        }
        waiting.add(look)
        look()
    })
}
let peer
socket.on('message', (bytes, from) => {
    peer = from
    tell(heard, bytes)
})
createInterface(link.stdout).on('line', (line) => tell(told, JSON.parse(line)))

let sequence = 0
const unsigned = (system, message) => new MavLinkProtocolV2(system, 1).serialize(message, sequence++ & 255)
const announcing = (system) => new MavLinkProtocolV2(system, 1, MavLinkProtocolV2.IFLAG_SIGNED)
const packet = (system, message) => announcing(system).serialize(message, sequence++ & 255)
const signed = (system, message, time, by = key) => announcing(system).sign(packet(system, message), 1, by, time)
const send = (bytes) => socket.send(bytes, peer.port, peer.address)
const heartbeat = () => Object.assign(new minimal.Heartbeat(), { type: minimal.MavType.QUADROTOR, autopilot: minimal.MavAutopilot.ARDUPILOTMEGA })
const position = (lat) => Object.assign(new common.GlobalPositionInt(), { timeBootMs: 1000, lat, lon: 80_000_000, alt: 1000, relativeAlt: 1000 })

const differences = new Differences('signatures: both ways, and all that must be refused')
await until('a first heartbeat of ours', () => heard.length > 0)
const kMsgId = 7, kFlags = 2
/** What is said of a packet of ours by their code. */
function checkOurs(bytes, what) {
    const signature = new MavLinkPacketSignature(bytes)
    differences.check(bytes[0] === MavLinkProtocolV2.START_BYTE && bytes[kFlags] === MavLinkProtocolV2.IFLAG_SIGNED, () => `${what} is not signed`)
    differences.check(signature.matches(key), () => `${what}: signature ${signature}`)
    differences.check(!signature.matches(MavLinkPacketSignature.key('another')), () => `${what} fits any key`)
    differences.check(signature.linkId === 5, () => `${what}: link id ${signature.linkId}`)
    const off_ms = Math.abs(signature.timestamp / 100 + MavLinkProtocolV2.SIGNATURE_START_TIME - Date.now())
    differences.check(off_ms < 60_000, () => `${what}: its time is ${off_ms} ms away`)
}
checkOurs(heard[0], 'the first heartbeat')

// Theirs is taken, and a command to it goes out signed and is acknowledged.
let now = Date.now()
const sent = signed(1, heartbeat(), now)
send(sent)
await until('the vehicle', () => told.some((each) => each.address === '1'))
send(signed(1, position(545_000_000), ++now))
await until('its position', () => told.some((each) => each.sample?.latitude_deg === 54.5))
link.stdin.write(JSON.stringify({ id: 'speed', target: '1', command: 'set_speed', parameters: { speed_mps: 5 } }) + '\n')
const command = await until('the command', () => heard.find((bytes) => bytes[kMsgId] === common.CommandLong.MSG_ID))
checkOurs(command, 'the command')
const ack = Object.assign(new common.CommandAck(), { command: common.MavCmd.DO_CHANGE_SPEED, result: 0, progress: 255, targetSystem: 255, targetComponent: 190 })

// An attacker acknowledges it in every way but the right one; then the vehicle does.
send(unsigned(1, ack))
send(signed(1, ack, ++now, MavLinkPacketSignature.key('another')))
send(sent)
send(new MavLinkProtocolV1(4, 1).serialize(heartbeat(), 0))
send(signed(2, heartbeat(), now - 61_000))
const newKey = randomBytes(32)
send(signed(1, Object.assign(new common.SetupSigning(), { targetSystem: 255, targetComponent: 190, secretKey: [...newKey], initialTimestamp: 0n }), ++now))
send(packet(1, ack)) // announces a signature that is not there
const before = heard.length
send(signed(1, Object.assign(ack, { result: common.MavResult.DENIED }), ++now))
await until('the acknowledgement', () => told.some((each) => each.command === 'denied'))
const steps = told.filter((each) => each.id === 'speed').map((each) => each.command)
differences.check(steps.join() === 'sent,denied', () => `the command: ${steps}`)
const detail = () => told.findLast((each) => each.state === 'up').detail
await until('the refusals', () => detail().includes('5 packets'))
const why = '5 packets without a valid signature from systems 1, 2, 4 were refused (2 not signed, 1 wrongly signed, 1 replayed, 1 more than a minute old)'
differences.check(detail().endsWith(`; ${why}`), () => `told: ${detail()}`)
differences.check(told.every((each) => !each.address || each.address === '1'), () => 'a refused system was taken for there')

// The key that SETUP_SIGNING brought is nobody's, and ours is shown nowhere.
const later = await until('another heartbeat of ours', () => heard.slice(before).at(-1))
checkOurs(later, 'what is said after SETUP_SIGNING')
send(signed(1, position(-332_500_000), ++now, newKey))
send(signed(1, position(100_000_000), ++now))
await until('its position', () => told.some((each) => each.sample?.latitude_deg === 10))
differences.check(!told.some((each) => each.sample?.latitude_deg === -33.25), () => 'a key from outside was taken')
differences.check(!JSON.stringify(told).includes(key.toString('hex')), () => 'the key was shown')
const times = heard.map((bytes) => new MavLinkPacketSignature(bytes).timestamp)
differences.check(times.every((time, i) => i === 0 || time > times[i - 1]), () => 'times of ours do not rise')
differences.finish(20)
link.kill()
socket.close()
rmSync(keyFile)
