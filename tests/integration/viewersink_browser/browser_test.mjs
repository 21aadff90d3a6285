// A real Chromium watches viewersink: what it shows and what the data channel says must be one and the same frame.
// usage: browser_test.mjs BRIDGE PROFILE [SECONDS] [ICE_ADDRESSES]
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const [bridgePath, profile, seconds = '6', addresses = '127.0.0.1'] = process.argv.slice(2)
const session = 'browser'
const chromiumFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--autoplay-policy=no-user-gesture-required']

const bridge = spawn(bridgePath, [profile, '120', addresses], { stdio: ['pipe', 'pipe', 'inherit'] })
const bridgeEnded = once(bridge, 'exit').then(([code, signal]) => Promise.reject(new Error(`the stream died: ${code ?? signal}`)))
bridgeEnded.catch(() => {})
// A page from a server on the loopback is a secure context, in which VideoFrame exists.
const html = await readFile(new URL('page.html', import.meta.url))
const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: chromiumFlags })

const states = []
const refusals = []
const log = []
try {
    const page = await browser.newPage()
    page.on('pageerror', (error) => refusals.push(`page: ${error.message}`))
    const send = (message) => bridge.stdin.write(JSON.stringify({ session, ...message }) + '\n')
    // A second viewer that answers, to its own offer, with what the browser says to a High profile offer.
    let highAnswer
    const refusesHigh = new Promise((resolve) => {
        highAnswer = { answer: '', ended: resolve }
    })
    const began = performance.now()
    await page.exposeFunction('toSink', (message) => {
        log.push(`${Math.round(performance.now() - began)} ms page: ${message.type} ${message.candidate ?? ''}`)
        send(message)
    })
    const closed = new Promise((resolve) => {
        createInterface({ input: bridge.stdout }).on('line', (line) => {
            const message = JSON.parse(line)
            log.push(`${Math.round(performance.now() - began)} ms sink: ${message.type} ${message.state ?? message.candidate ?? ''} ${message.detail ?? ''}`)
            if (message.session === 'high') {
                if (message.type === 'offer') send({ type: 'answer', session: 'high', sdp: highAnswer.answer })
                if (message.state === 'failed') highAnswer.ended(message.detail)
                return
            }
            if (message.type === 'state') states.push(message.state)
            if (message.type === 'refused' && !message.detail.includes('browser cannot show')) refusals.push(message.detail)
            if (message.state === 'closed' || message.state === 'failed') resolve(message)
            else page.evaluate((m) => window.fromSink(m), message).catch((error) => refusals.push(error.message))
        })
    })
    await page.goto(`http://127.0.0.1:${server.address().port}/`)
    const watched = page.waitForFunction((wanted) => window.result.presented >= wanted, 20 * Number(seconds), { timeout: 60_000 })
    watched.catch(() => {})
    await Promise.race([watched, bridgeEnded, closed.then(({ detail }) => Promise.reject(new Error(detail)))])
    const result = await page.evaluate(() => window.result)
    const stats = await page.evaluate(() => window.stats())
    const { offer, answer, ...figures } = result
    console.log(JSON.stringify({ profile, ...figures, ...stats }))
    if (process.env.VERBOSE) console.log(offer, answer, log.join('\n'))

    assert.deepEqual(result.channel, { label: 'frames', ordered: false, maxRetransmits: 0 })
    assert.equal(result.wrong, 0, 'pictures whose message names another frame')
    assert.equal(result.unreadable, 0, 'pictures whose number cannot be read')
    assert.ok(result.matched >= 0.995 * (result.matched + result.withoutMessage), 'pictures with their message')
    assert.ok(result.fastest < 20, 'the browser began with frames that were kept for it')
    assert.ok(stats.framesDecoded >= result.presented - 2)
    assert.deepEqual(refusals, [])
    assert.deepEqual(states, ['connecting', 'connected'])

    highAnswer.answer = await page.evaluate(() => window.answerToHigh())
    assert.match(highAnswer.answer, /^m=video 0 /m, 'this browser takes High by name: the rewriting can go')
    const presented = await page.evaluate(() => window.result.presented)
    send({ type: 'add', session: 'high' })
    assert.match(await refusesHigh, /browser cannot show/)
    await page.waitForFunction((before) => window.result.presented > before + 30, presented, { timeout: 30_000 })

    await page.evaluate(() => window.leave())
    const last = await closed
    assert.equal(last.state, 'closed', last.detail)
    console.log(`left: ${last.detail}`)
} catch (error) {
    console.error(log.join('\n'))
    throw error
} finally {
    await browser.close()
    server.close()
    bridge.stdin.end()
    await bridgeEnded.catch(() => {})
}
assert.equal(bridge.exitCode, 0, 'the stream ended well')
