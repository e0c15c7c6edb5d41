/** Files of other tools: a writer that is killed at any moment costs nobody anything, and no two write at once. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Editor, editFile } from '../../client/edited-file.ts'
import { manualClock, turned } from '../helpers/clock.ts'

const WRITER = join(import.meta.dirname, '..', 'helpers', 'dying-writer.ts')
const NOBODY = 65_534
const skip = existsSync('/proc/self/stat') ? false : 'there is no /proc to see who lives'

function place(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'atmosd-edit-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'file')
}

/** Waits for nobody. */
const atOnce: Editor = {
  uid: process.getuid?.() ?? 0,
  now: Date.now,
  sleep: () => Promise.reject(new Error('it had to wait')),
}
const adding = (line: string) => ({ change: (text: string) => `${text}${line}\n`, cure: 'try again' })

/** Runs a writer; resolves to the signal that ended it. */
async function written(args: string[]): Promise<string | null> {
  const [code, signal] = await once(spawn(process.execPath, [WRITER, ...args]), 'exit')
  if (code !== 0 && signal === null) throw new Error(`the writer ended with ${code}`)
  return signal
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** What a writer leaves beside the file that is killed while it has it in its hand. */
async function markOfDead(t: Test): Promise<string> {
  const file = place(t)
  for (let nth = 1; nth < 100; nth++) {
    await written([file, 'new', String(nth)])
    const mark = linkAt(`${file}.atmosctl`)
    if (mark) return mark
  }
  throw new Error('none was killed in time')
}

t.test(
  'killed at each of its calls, it leaves a whole file, and the next works at once',
  { skip },
  async (t) => {
    const dead = await markOfDead(t)
    const places = [
      ['no file', ''],
      ['a file', 'old\n'],
      ['a file that a dead one had in its hand', 'old\n', dead],
    ] as const
    const kill = async ([what, before, mark]: (typeof places)[number]) => {
      const file = place(t)
      const left = new Set<string>()
      for (let nth = 1, signal: string | null = ''; signal !== null; nth++) {
        rmSync(file, { force: true })
        if (before) writeFileSync(file, before, { mode: 0o640 })
        if (mark) symlinkSync(mark, `${file}.atmosctl`)
        signal = await written([file, 'new', String(nth)])
        left.add(existsSync(file) ? readFileSync(file, 'utf8') : '')
        if (before) t.equal(statSync(file).mode & 0o777, 0o640)
        await editFile(atOnce, file, adding('next'))
        const now = readFileSync(file, 'utf8')
        t.ok([`${before}next\n`, `${before}new\nnext\n`].includes(now), `${what}, call ${nth}: ${now}`)
        t.strictSame(readdirSync(dirname(file)), ['file'], 'nothing is left behind')
        t.ok(nth < 200, 'it ends')
      }
      t.strictSame([...left], [before, `${before}new\n`], `${what}: killed before and after`)
    }
    await Promise.all(places.map(kill))
  },
)

t.test('nor is one waited for that its parent has not noticed to be dead', { skip }, async (t) => {
  const isOver = (mark: string) => /\) [ZX] /.test(readFileSync(`/proc/${mark.split(' ')[1]}/stat`, 'utf8'))
  for (let nth = 1, mark = ''; !mark; nth++) {
    const file = place(t)
    const script = 'trap "" HUP; "$0" "$1" "$2" new "$3" & echo; exec sleep 60'
    const parent = spawn('sh', ['-c', script, process.execPath, WRITER, file, String(nth)])
    t.teardown(() => parent.kill())
    const [pid] = await childOf(parent.pid)
    while (!isOver(`- ${pid}`)) await sleep(5)
    mark = linkAt(`${file}.atmosctl`)
    await editFile(atOnce, file, adding('next'))
    t.match(readFileSync(file, 'utf8'), /^next\n$/)
  }
})

async function childOf(pid: number | undefined): Promise<string[]> {
  for (;;) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    if (children) return children.split(' ')
    await sleep(5)
  }
}

t.test('many that find the mark of a dead one lose nothing to each other', { skip }, async (t) => {
  const [file, mark] = [place(t), await markOfDead(t)]
  const lines = Array.from({ length: 8 }, (_, index) => `line ${index}`)
  for (let round = 0; round < 3; round++) {
    symlinkSync(mark, `${file}.atmosctl`)
    t.strictSame(
      await Promise.all(lines.map((line) => written([file, line]))),
      lines.map(() => null),
    )
    t.strictSame(readFileSync(file, 'utf8').trimEnd().split('\n').sort(), lines)
    t.strictSame(readdirSync(dirname(file)), ['file'])
    rmSync(file)
  }
})

t.test(
  'a living one is waited for and not robbed; one that nobody can see, for ten seconds',
  { skip },
  async (t) => {
    const file = place(t)
    const lock = `${file}.atmosctl`
    writeFileSync(file, '')
    let mine = ''
    const change = () => {
      mine = linkAt(lock)
      return 'mine\n'
    }
    await editFile(atOnce, file, { change, cure: '' })
    const clock = manualClock(Date.now())
    const patient: Editor = { uid: atOnce.uid, now: clock.now, sleep: (ms) => clock.sleep(ms) }
    symlinkSync(mine, lock)
    const waiting = turned(clock, editFile(patient, file, adding('next')), 500)
    const message = `Another atmosctl, process ${process.pid}, has been writing`
    await t.rejects(waiting, { code: 'Pending', message, hint: lock })
    t.equal(linkAt(lock), mine)
    rmSync(lock)
    const dead = mine.replace(/\d+$/, '1')
    const right = `${lock}-${createHash('sha256').update(dead).digest('hex').slice(0, 12)}`
    symlinkSync(dead, lock)
    symlinkSync(mine, right)
    const second = turned(clock, editFile(patient, file, adding('next')), 500)
    await t.rejects(
      second,
      { code: 'Pending', hint: right },
      'nor is one that is about to take a dead one over',
    )
    rmSync(right)
    const others = [
      ['another start of the same number', dead, true],
      ['another boot', mine.replace(/^[0-9a-f]+/, 'other'), false],
      ['another system', '- - -', false],
      ['what is no mark', 'elsewhere', false],
    ] as const
    for (const [what, mark, soon] of others) {
      rmSync(lock, { force: true })
      symlinkSync(mark, lock)
      clock.jump(Date.now() - clock.now())
      const began = clock.now()
      await turned(clock, editFile(patient, file, adding(what)), 500)
      t.match(readFileSync(file, 'utf8'), what)
      t.equal(clock.now() - began > 9_000, !soon, what)
    }
  },
)

t.test('a directory that is not to be written: nothing changes, and the way out is told', async (t) => {
  const file = place(t)
  writeFileSync(file, 'old\n')
  const uid = atOnce.uid || NOBODY // root may write everywhere
  if (atOnce.uid === 0) for (const path of [file, dirname(file)]) chownSync(path, uid, uid)
  chmodSync(dirname(file), 0o500)
  process.seteuid?.(uid)
  try {
    await t.rejects(editFile({ ...atOnce, uid }, file, adding('new')), {
      code: 'Usage',
      message: `${file} cannot be written (EACCES).`,
      hint: 'Make it yours to write, or try again.',
    })
  } finally {
    process.seteuid?.(atOnce.uid)
    chmodSync(dirname(file), 0o700)
  }
  t.equal(readFileSync(file, 'utf8'), 'old\n')
  t.strictSame(readdirSync(dirname(file)), ['file'])
})
