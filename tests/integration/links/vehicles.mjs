// Three vehicles made of node-mavlink on one link of ours and one socket: what they say, what they hear, and what the link tells.
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { packageOf } from './compare.mjs'

export async function linkWithVehicles(dump, work, introduce, hear) {
    const mavlink = packageOf(work, 'node-mavlink')
    const { minimal, common } = mavlink
    const registry = { ...common.REGISTRY, ...minimal.REGISTRY }
    const socket = createSocket('udp4')
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const link = spawn(dump, ['link', `mavlink+udpout://127.0.0.1:${socket.address().port}`], { stdio: ['pipe', 'pipe', 'inherit'] })

    const protocols = new Map()
    let peer
    function say(system, component, message) {
        const key = `${system}/${component}`
        if (!protocols.has(key)) {
            protocols.set(key, { as: new mavlink.MavLinkProtocolV2(system, component), sequence: 0 })
        }
        const speaker = protocols.get(key)
        socket.send(speaker.as.serialize(message, speaker.sequence++ & 255), peer.port, peer.address)
    }
    const heartbeat = (type, autopilot) =>
        Object.assign(new minimal.Heartbeat(), { type, autopilot, baseMode: minimal.MavModeFlag.CUSTOM_MODE_ENABLED })

    const told = []
    const news = new EventTarget()
    const tell = (list, entry) => {
        list.push(entry)
        news.dispatchEvent(new Event('news'))
    }
    async function until(what, condition, ms = 20_000) {
        const end = Date.now() + ms
        for (;;) {
            const found = condition()
            if (found) {
                return found
            }
            if (Date.now() > end) {
                throw new Error(`waited in vain for ${what}; told ${JSON.stringify(told.slice(-6))}`)
            }
            const waiting = new AbortController()
            await Promise.race([
                new Promise((resolve) => news.addEventListener('news', resolve, { once: true, signal: waiting.signal })),
                after(end - Date.now() + 1, undefined, { signal: waiting.signal }).catch(() => undefined),
            ])
            waiting.abort()
        }
    }

    socket.on('message', async (bytes, from) => {
        const first = !peer
        peer = from
        if (first) {
            introduce(say, heartbeat)
        }
        for await (const packet of Readable.from([bytes]).pipe(new mavlink.MavLinkPacketSplitter()).pipe(new mavlink.MavLinkPacketParser())) {
            const message = registry[packet.header.msgid] && packet.protocol.data(packet.payload, registry[packet.header.msgid])
            if (message) {
                hear(message, tell)
            }
        }
    })
    createInterface(link.stdout).on('line', (line) => tell(told, JSON.parse(line)))

    let number = 0
    const send = (target, command, parameters, options = {}) => {
        const id = `command-${++number}`
        link.stdin.write(JSON.stringify({ id, target: String(target), command, parameters, ...options }) + '\n')
        return id
    }
    const updates = (id) => told.filter((each) => each.id === id).map((each) => (each.late ? `late ${each.command}` : each.command))
    const reaches = (id, state) => until(`${id} to be ${state}`, () => updates(id).includes(state))
    const result = (id) => until(`the sending of ${id}`, () => told.find((each) => each.send === id))
    const end = () => {
        link.kill()
        socket.close()
    }
    return { say, told, until, send, updates, reaches, result, end }
}
