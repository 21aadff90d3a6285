// Our MAVLink codec against node-mavlink: the table, every known packet of two recordings, and the same packets written by us.
// mavlink.mjs LINKS_DUMP WORK_FOLDER
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Differences, jsonLines, packageOf } from './compare.mjs'

const [dump, work] = process.argv.slice(2)
const mavlink = packageOf(work, 'node-mavlink')
const { minimal, common, ardupilotmega } = mavlink
const registry = { ...ardupilotmega.REGISTRY, ...common.REGISTRY, ...minimal.REGISTRY }
const rows = new Map(jsonLines(dump, 'rows').map((row) => [row.id, row]))

function compareTable() {
    const differences = new Differences('message table against node-mavlink')
    for (const [id, row] of rows) {
        const theirs = registry[id]
        differences.check(theirs?.MSG_NAME === row.name, () => `${id}: ${row.name}, theirs ${theirs?.MSG_NAME}`)
        differences.check(theirs.MAGIC_NUMBER === row.crc_extra, () => `${row.name}: CRC_EXTRA ${row.crc_extra}, theirs ${theirs.MAGIC_NUMBER}`)
        differences.check(theirs.PAYLOAD_LENGTH === row.length, () => `${row.name}: ${row.length} bytes`)
        const fields = new Map(row.fields.map((field) => [field.name, field]))
        differences.check(fields.size === theirs.FIELDS.length, () => `${row.name}: number of fields`)
        for (const field of theirs.FIELDS) {
            const ours = fields.get(field.source)
            differences.check(
                ours?.offset === field.offset && ours.count === (field.length || 1) && ours.extension === field.extension,
                () => `${row.name}.${field.source}`,
            )
        }
    }
    differences.finish(200)
}

/** A telemetry log's packets without its time stamps. */
function withoutStamps(log) {
    const packets = []
    for (let at = 8; at + 2 < log.length; at += 8) {
        const v1 = log[at] === 0xfe
        const size = v1 ? log[at + 1] + 8 : log[at + 1] + 12 + (log[at + 2] & 1 ? 13 : 0)
        packets.push(log.subarray(at, at + size))
        at += size
    }
    return Buffer.concat(packets)
}

async function theirPackets(bytes) {
    const splitter = new mavlink.MavLinkPacketSplitter()
    const parser = new mavlink.MavLinkPacketParser()
    const packets = []
    for await (const packet of Readable.from([bytes]).pipe(splitter).pipe(parser)) {
        if (rows.has(packet.header.msgid)) {
            packets.push(packet)
        }
    }
    return packets
}

const asText = (value, type) => (type.startsWith('float') ? (Number.isNaN(value) ? 'NaN' : value) : String(value))

function compareField(differences, field, ours, theirs, where) {
    if (field.type === 'char[]') {
        differences.check(ours[0] === String(theirs).split('\0')[0], () => `${where}: '${ours[0]}', theirs '${theirs}'`)
        return
    }
    const values = field.length ? theirs : [theirs]
    ours.forEach((text, i) => {
        const value = asText(values[i], field.type)
        const same = typeof value === 'number' ? Math.fround(Number(text)) === Math.fround(value) : text === value
        differences.check(same, () => `${where}[${i}]: ${text}, theirs ${value}`)
    })
}

function comparePackets(title, ours, theirs, least) {
    const differences = new Differences(title)
    differences.check(ours.length === theirs.length, () => `${ours.length} packets, theirs ${theirs.length}`)
    for (let i = 0; i < Math.min(ours.length, theirs.length); i++) {
        const { header, protocol, payload } = theirs[i]
        const where = `packet ${i} (${rows.get(header.msgid).name})`
        differences.check(
            ours[i].id === header.msgid && ours[i].system === header.sysid && ours[i].component === header.compid &&
                ours[i].sequence === header.seq,
            () => `${where}: header ${JSON.stringify(ours[i])}`,
        )
        const message = registry[header.msgid]
        const data = protocol.data(payload, message)
        for (const field of message.FIELDS) {
            compareField(differences, field, ours[i].fields[field.source], data[field.name], `${where}.${field.source}`)
        }
    }
    differences.finish(least)
}

async function compareRecording(name, tlog, least) {
    const file = join(work, 'node_modules/node-mavlink/examples', name)
    const flags = tlog ? ['--tlog'] : []
    const bytes = readFileSync(file)
    const theirs = await theirPackets(tlog ? withoutStamps(bytes) : bytes)
    comparePackets(`${name} read`, jsonLines(dump, 'mavlink', file, ...flags), theirs, least)

    const again = execFileSync(dump, ['reencode', file, ...flags], { maxBuffer: 1 << 30 })
    writeFileSync(join(work, 'again.bin'), again)
    const ours = jsonLines(dump, 'mavlink', join(work, 'again.bin'))
    comparePackets(`${name} written by us`, ours, await theirPackets(again), least)
}

compareTable()
await compareRecording('vtol.tlog', true, 50_000)
await compareRecording('mavlink-v2-3412-packets.bin', false, 10_000)
