// What the comparisons share: running links_dump, loading a package of the work folder, counting and reporting differences.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const MOST_SHOWN = 10

export const jsonLines = (dump, ...args) =>
    execFileSync(dump, args, { maxBuffer: 1 << 30 }).toString().split('\n').filter(Boolean).map((line) => JSON.parse(line))

export const packageOf = (work, name) => createRequire(join(work, 'package.json'))(name)

export class Differences {
    constructor(title) {
        this.title = title
        this.compared = 0
        this.found = []
    }
    /** Counts one comparison; `where` is made only for a difference. */
    check(same, where) {
        this.compared++
        if (!same) {
            this.found.push(where())
        }
    }
    near(ours, theirs, tolerance, where) {
        const absent = (value) => value === undefined || value === null || Number.isNaN(value)
        const same = absent(ours) || absent(theirs) ? absent(ours) && absent(theirs) : Math.abs(ours - theirs) <= tolerance
        this.check(same, () => `${where}: ours ${ours}, theirs ${theirs}`)
    }
    /** Says the result; a comparison of nothing is a failure too. */
    finish(least) {
        console.log(`${this.title}: ${this.compared} values compared, ${this.found.length} differ`)
        this.found.slice(0, MOST_SHOWN).forEach((text) => console.log(`  ${text}`))
        if (this.found.length > 0 || this.compared < least) {
            console.log(this.compared < least ? `  at least ${least} were expected` : '')
            process.exitCode = 1
        }
    }
}
