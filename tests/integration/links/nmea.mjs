// Our NMEA 0183 and AIS decoders against nmea-simple and ggencoder. nmea.mjs LINKS_DUMP WORK_FOLDER LOG
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Differences, jsonLines, packageOf } from './compare.mjs'

const [dump, work, log] = process.argv.slice(2)
const KNOTS = 1852 / 3600

/** Ours and theirs of each sentence that both read: [our member, their value, tolerance]. */
const SENTENCES = {
    RMC: (p) => [['latitude_deg', p.latitude, 1e-7], ['longitude_deg', p.longitude, 1e-7],
        ['ground_speed_mps', p.speedKnots * KNOTS, 1e-6], ['course_deg', p.trackTrue, 1e-6]],
    GGA: (p) => [['latitude_deg', p.latitude, 1e-7], ['longitude_deg', p.longitude, 1e-7],
        ['altitude_msl_m', p.altitudeMeters, 1e-6], ['satellites', p.satellitesInView, 0]],
    GLL: (p) => [['latitude_deg', p.latitude, 1e-7], ['longitude_deg', p.longitude, 1e-7]],
    VTG: (p) => [['course_deg', p.trackTrue, 1e-6], ['ground_speed_mps', p.speedKnots * KNOTS, 1e-6]],
    HDT: (p) => [['heading_deg', p.heading, 1e-6]],
    DBT: (p) => [['depth_m', p.depthMeters, 1e-6]],
    VHW: (p) => [['water_speed_mps', p.speedKnots * KNOTS, 1e-6]],
}

/** nmea-simple reads an empty field as 0, we as absent. */
const emptyAsAbsent = (value, sample, member) => (value === 0 && sample[member] === undefined ? undefined : value)

function compareSentences(title, file, least) {
    const { parseNmeaSentence } = packageOf(work, 'nmea-simple')
    const lines = readFileSync(file, 'latin1').split(/\r\n|\n/)
    const differences = new Differences(title)
    for (const { line, type, sample } of jsonLines(dump, 'nmea', file)) {
        const compare = SENTENCES[type]
        if (compare) {
            for (const [member, value, tolerance] of compare(parseNmeaSentence(lines[line - 1]))) {
                const where = `line ${line} ${type} ${member}`
                differences.near(sample[member], emptyAsAbsent(value, sample, member), tolerance, where)
            }
        }
    }
    differences.finish(least)
}

function compareAis(file) {
    const { AisDecode } = packageOf(work, 'ggencoder')
    const differences = new Differences('AIS against ggencoder')
    const ours = new Map(jsonLines(dump, 'nmea', file).map((report) => [report.line, report]))
    let session = {}
    readFileSync(file, 'latin1').split('\n').filter(Boolean).forEach((text, index) => {
        const theirs = new AisDecode(text, session)
        const mine = ours.get(index + 1)
        if (!theirs.valid || ![1, 2, 3, 5, 18, 19, 24].includes(theirs.aistype)) {
            return
        }
        const where = `line ${index + 1} (type ${theirs.aistype})`
        differences.check(mine?.address === String(theirs.immsi), () => `${where}: ${mine?.address}, theirs ${theirs.immsi}`)
        const sample = mine?.sample ?? {}
        if (theirs.aistype === 5) {
            differences.check(sample.name === theirs.shipname.trim(), () => `${where}: ${sample.name}, theirs ${theirs.shipname}`)
            return
        }
        differences.near(sample.latitude_deg, theirs.lat, 2e-5, `${where} latitude`)
        differences.near(sample.longitude_deg, theirs.lon, 2e-5, `${where} longitude`)
        differences.near(sample.ground_speed_mps, theirs.sog < 102.2 ? theirs.sog * KNOTS : undefined, 1e-6, `${where} speed`)
        differences.near(sample.course_deg, theirs.cog < 360 ? theirs.cog : undefined, 1e-6, `${where} course`)
        differences.near(sample.heading_deg, theirs.hdg < 360 ? theirs.hdg : undefined, 1e-6, `${where} heading`)
    })
    differences.finish(150)
}

const samples = join(work, 'node_modules/ggencoder/test/FeedSample')
compareAis(join(samples, 'AisHubSample.nmea'))
compareSentences('GPRMC sample against nmea-simple', join(samples, 'GprmcSample.nmea'), 100)
compareSentences('a real log against nmea-simple', log, 3500)
