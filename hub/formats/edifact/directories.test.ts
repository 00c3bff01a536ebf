import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { zipOf } from '#tests/support/zip.ts'
import {
  directoryNamed,
  explainPart,
  keepDirectory,
  listDirectories,
  useImportedDirectories,
} from './directories.ts'
import { directoryOf } from './directory.ts'
import type { GroupNode } from './tables/structure.ts'

const folders: string[] = []
afterEach(() => {
  useImportedDirectories(null)
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

it('the directories from D.93A to D.24A are here, in their order of time', () => {
  const names = listDirectories().map((one) => one.name)
  expect(names).toHaveLength(62)
  expect([names[0], names[12], names[13], names.at(-1)]).toEqual(['D.93A', 'D.99B', 'D.00A', 'D.24A'])
})

it('every message can be built, and every segment in it is known', () => {
  const unknown: string[] = []
  for (const name of ['D.93A', 'D.99B', 'D.24A']) {
    const directory = directoryNamed(name)
    const walk = (group: GroupNode, type: string): void => {
      for (const child of group.children) {
        if (child.kind === 'group') walk(child, type)
        else if (directory.segment(child.tag) === null) unknown.push(`${name} ${type} ${child.tag}`)
      }
    }
    for (const type of directory.messageTypes) walk(directory.structure(type)!, type)
  }
  // their messages name them, their directory of segments does not
  expect([...new Set(unknown.map((one) => one.replace(/ [A-Z]{6}/, '')))]).toEqual([
    'D.99B GIS',
    'D.99B PAT',
    'D.99B EVT',
  ])
})

it('FORMATS 3 what others read wrongly is right: long maxima, names with hyphens, repeats', () => {
  const orders = directoryOf('ORDERS', 'D.96A')!.structure('ORDERS')!
  expect(orders.children.find((node) => node.tag === 'LIN')).toMatchObject({ name: 'SG25', max: 200_000 })
  const invoice = directoryOf('INVOIC', 'D.01B')!
  expect(invoice.structure('INVOIC')!.children.find((node) => node.tag === 'LIN')?.max).toBe(9_999_999)
  const ids = (tag: string, position: number) =>
    invoice.segment(tag)!.elements[position - 1]!.components?.map((one) => one.id)
  expect(ids('LIN', 4)).toEqual(['5495', '1082'])
  expect(ids('NAD', 7)).toEqual(['3229', '1131', '3055', '3228'])
})

it('a part is explained with names, formats, cardinality and codes', () => {
  const directory = directoryNamed('96a')
  expect(explainPart(directory, 'NAD')).toMatchObject({
    kind: 'segment',
    name: 'Name and address',
    elements: [
      { position: 1, id: '3035', mandatory: true, format: 'an..3', coded: true },
      { position: 2, id: 'C082', components: [{ id: '3039', mandatory: true, format: 'an..35' }, {}, {}] },
      {},
      {},
      {},
      {},
      {},
      {},
      {},
    ],
  })
  expect(explainPart(directory, '3035', 'BY')).toEqual({
    kind: 'code',
    element: '3035',
    elementName: 'Party qualifier',
    value: 'BY',
    name: 'Buyer',
  })
  expect(explainPart(directory, '2005')).toMatchObject({ kind: 'element', format: 'an..3' })
  expect(explainPart(directory, 'C507')).toMatchObject({
    components: [{ id: '2005' }, { id: '2380' }, { id: '2379' }],
  })
  expect(explainPart(directory, 'ORDERS')).toMatchObject({ kind: 'message', name: 'Purchase order message' })
  for (const id of ['XYZ', 'C999', '9998', 'constructor', '../x', 'ORDERZ'])
    expect(explainPart(directory, id)).toBeNull()
  expect(explainPart(directory, '3035', '__proto__')).toBeNull()
})

it('the service segments are those of the syntax version', () => {
  const formatOf = (syntax: number, tag: string, at: number) =>
    directoryOf('ORDERS', 'D.96A', syntax)!.segment(tag)!.elements[at]!.format?.text
  expect([1, 2, 3, 4].map((syntax) => formatOf(syntax, 'UNT', 0))).toEqual(['n..6', 'n..6', 'n..6', 'n..10'])
  expect(
    directoryOf('CONTRL', '2.2', 3)!
      .segment('UCI')!
      .elements.map((one) => one.id)
      .slice(3),
  ).toEqual(['0083', '0085', '0013', 'S011'])
  expect(directoryOf('ORDERS', 'D.96A', 3)!.segment('UNO')).toBeNull()
  expect(directoryOf('ORDERS', 'D.96A', 4)!.segment('UNO')).toMatchObject({ name: 'Object header' })
})

it('an imported directory is used, listed as such, and read again after another one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'directories-'))
  folders.push(folder)
  useImportedDirectories(folder)
  expect(directoryOf('SAMPLE', 'D.30A')).toBeNull()
  expect(keepDirectory(sampleDirectory('30A'), folder)).toEqual({
    name: 'D.30A',
    messages: 1,
    segments: 1,
    elements: 1,
    codes: 1,
    odd: [],
  })
  expect(
    directoryOf('SAMPLE', 'D.30A')!
      .structure('SAMPLE')!
      .children.map((one) => one.tag),
  ).toEqual(['UNH', 'ZZA', 'UNT'])
  expect(explainPart(directoryNamed('D.30A'), '9001', 'A')).toMatchObject({ name: 'Alpha' })
  expect(listDirectories().at(-1)).toEqual({ name: 'D.30A', source: 'imported' })
  expect(listDirectories()).toHaveLength(63)
  // an imported one wins over the package's
  keepDirectory(sampleDirectory('96A'), folder)
  useImportedDirectories(folder)
  expect(directoryOf('ORDERS', 'D.96A')).toBeNull()
})

it('no more directories are held than the limit, and those that went are read again', () => {
  const names = listDirectories().map((one) => one.name)
  expect(names.length).toBeGreaterThan(limits.directoriesHeld)
  for (const name of [...names, ...names.slice(0, 3)])
    expect(directoryOf('ORDERS', name)!.segment('NAD')!.elements[0]!.id).toBe('3035')
})

it('the files carry the notice and the licence of the directories', () => {
  const text = (name: string) => readFileSync(new URL(`directories/${name}`, import.meta.url), 'latin1')
  expect(text('NOTICE.md')).toContain('Copyright (1993-) United Nations')
  expect(text('LICENAGR.TXT')).toContain('Licence Agreement for the use of UN/EDIFACT Directory')
})

function sampleDirectory(release: string): Buffer {
  const rule = '-'.repeat(70)
  const message = [
    'UNITED NATIONS STANDARD MESSAGE (UNSM)',
    '',
    'Sample message',
    '',
    '4.3.1 Segment table',
    '0010   UNH Message header                            M   1',
    '0020   ZZA Alpha                                     C   9',
    '0030   UNT Message trailer                           M   1',
  ]
  return zipOf([
    { name: `SAMPLE_D.${release}`, bytes: message.join('\n') },
    {
      name: `EDSD.${release}`,
      bytes: `${rule}\n       ZZA  ALPHA\n\n010    9001 ALPHA CODE        M    1 an..3\n`,
    },
    {
      name: `EDCD.${release}`,
      bytes: `${rule}\n       C901 ALPHA DETAILS\n\n010    9001  Alpha code        M      an..3\n`,
    },
    { name: `EDED.${release}`, bytes: `${rule}\n     9001  Alpha code\n\n     Repr: an..3\n` },
    {
      name: `UNCL.${release}`,
      bytes: `${rule}\n     9001  Alpha code\n\n     Repr: an..3\n\n     A     Alpha\n`,
    },
  ])
}
