import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runCommand } from './support/command.ts'
import { zipOf } from './support/zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'crossdock-directories-'))
afterAll(() => rmSync(folder, { recursive: true }))
const env = { CROSSDOCK_DATA: folder }

const run = (...args: string[]) => runCommand(args, env)
const sample = 'hub/formats/edifact/samples/orders-d96a.edi'

it('directories are listed and explained; what is not there ends with 1, no directory with 2', async () => {
  const [listed, segment, code, none, unknown] = await Promise.all([
    run('directories', '--json'),
    run('directories', 'explain', 'D.96A', 'NAD'),
    run('directories', 'explain', '96a', '3035', 'BY', '--json'),
    run('directories', 'explain', 'D.96A', 'QQQ'),
    run('directories', 'explain', 'D.92A', 'NAD'),
  ])
  expect((JSON.parse(listed.out) as { directories: unknown[] }).directories).toHaveLength(62)
  expect(segment).toMatchObject({
    code: 0,
    out: expect.stringContaining('1  3035  M   1  an..3    Party qualifier (codes)'),
  })
  expect(JSON.parse(code.out)).toMatchObject({ directory: 'D.96A', found: { kind: 'code', name: 'Buyer' } })
  expect(none.code).toBe(1)
  expect(unknown).toMatchObject({ code: 2, error: expect.stringContaining('CD-3040') })
})

it('a directory is imported from its zip file, and parse uses it at once; another file ends with 2', async () => {
  const rule = '-'.repeat(70)
  const zip = join(folder, 'd30a.zip')
  const message = [
    'UNITED NATIONS STANDARD MESSAGE (UNSM)\n\nSample message\n\n4.3.1 Segment table',
    '0010   UNH Message header                            M   1',
    '0020   ZZA Alpha                                     M   1',
    '0030   UNT Message trailer                           M   1',
  ]
  const files = [
    { name: 'SAMPLE_D.30A', bytes: message.join('\n') },
    { name: 'EDSD.30A', bytes: `${rule}\n       ZZA  ALPHA\n\n010    9001 ALPHA CODE        M    1 an..3\n` },
    {
      name: 'EDCD.30A',
      bytes: `${rule}\n       C901 ALPHA DETAILS\n\n010    9001  Alpha code        M      an..3\n`,
    },
    { name: 'EDED.30A', bytes: `${rule}\n     9001  Alpha code\n\n     Repr: an..3\n` },
  ]
  writeFileSync(zip, zipOf(files))
  const file = join(folder, 'sample.edi')
  writeFileSync(file, "UNB+UNOC:3+A+B+260101:1200+1'UNH+1+SAMPLE:D:30A:UN'ZZA+ABCD'UNT+3+1'UNZ+1+1'")
  expect((await run('parse', file)).out).toContain('CD-3034')
  expect(await run('directories', 'import', zip)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^D\.30A: 1 message/),
  })
  const parsed = await run('parse', file)
  expect(parsed).toMatchObject({
    code: 1,
    out: expect.stringContaining('"ABCD" has 4 characters; 9001 Alpha code is an..3'),
  })
  expect(await run('directories', 'import', file)).toMatchObject({
    code: 2,
    error: expect.stringContaining('CD-3041'),
  })
})

it('parse holds a message against a guide; a guide that is wrong is named with its field', async () => {
  const guide = join(folder, 'guide.yaml')
  const head = 'guide: { key: sample, directory: D.96A, message: ORDERS, rules: '
  writeFileSync(guide, `${head}[{ at: BGM/1/1, values: ["224"] }] }\n`)
  expect(await run('parse', '--summary', sample, '--guide', guide)).toMatchObject({
    code: 1,
    out: expect.stringContaining('Guide sample allows "224" for BGM element 1 component 1, not "220"'),
  })
  writeFileSync(guide, `${head}[{ at: bgm, use: mandatory }] }\n`)
  expect(await run('parse', sample, '--guide', guide)).toMatchObject({
    code: 2,
    error: expect.stringContaining('guide.rules.0.at: expected a place'),
  })
})
