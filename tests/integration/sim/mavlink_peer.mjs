// A ground station made of node-mavlink: prints each message it hears as a line of JSON, and sends the commands that come by
// standard input. mavlink_peer.mjs PACKAGES PORT
import { createSocket } from 'node:dgram'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

const [packages, port] = process.argv.slice(2)
const mavlink = createRequire(join(packages, 'package.json'))('node-mavlink')
const { minimal, common } = mavlink
const registry = { ...common.REGISTRY, ...minimal.REGISTRY }
const socket = createSocket('udp4')
const protocol = new mavlink.MavLinkProtocolV2(255, 190)
let sequence = 0
let vehicle

const print = (line) => process.stdout.write(JSON.stringify(line, (_, value) => (typeof value === 'bigint' ? Number(value) : value)) + '\n')

socket.on('message', async (bytes, from) => {
    const atUs = Date.now() * 1000
    vehicle = from
    for await (const packet of Readable.from([bytes]).pipe(new mavlink.MavLinkPacketSplitter()).pipe(new mavlink.MavLinkPacketParser())) {
        const message = registry[packet.header.msgid]
        print({ atUs, name: message?.MSG_NAME, system: packet.header.sysid, ...(message && packet.protocol.data(packet.payload, message)) })
    }
})
socket.bind(Number(port), '127.0.0.1', () => print({ name: 'listening', port: socket.address().port }))

createInterface(process.stdin)
    .on('line', (line) => {
        const { as, ...fields } = JSON.parse(line)
        const command = Object.assign(as === 'int' ? new common.CommandInt() : new common.CommandLong(), fields)
        socket.send(protocol.serialize(command, sequence++ & 255), vehicle.port, vehicle.address)
    })
    .on('close', () => process.exit())
