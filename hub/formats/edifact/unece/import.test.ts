import { describe, expect, it } from 'vitest'
import { zipOf } from '#tests/support/zip.ts'
import { importDirectory } from './import.ts'
import { readCodeLists } from './code-lists.ts'
import { readMessage } from './message-table.ts'
import { readElements, readSpecifications } from './specifications.ts'

const reach = { entries: 100, entryBytes: 1024 * 1024 }
const rule = '-'.repeat(70)

/** The text of a message with these lines as its segment table. */
function messageText(...table: string[]): Buffer {
  const text = [
    '                                UN/EDIFACT',
    '',
    '                  UNITED NATIONS STANDARD MESSAGE (UNSM)',
    '',
    '                          Sample order message',
    '',
    'Contents',
    '        4.3.1 Segment table',
    '',
    '0010   UNH, Message header',
    '',
    '4.3.1  Segment table',
    '',
    'Pos     Tag Name                                     S   R',
    '',
    ...table,
    '',
  ]
  return Buffer.from(text.join('\r\n'), 'latin1')
}

const plain = [
  '0010   UNH Message header                            M   1',
  '0020   BGM Beginning of message                      M   1',
  '',
  '0110       ----- Segment group 1  ------------------ C   99----------+',
  '0120   NAD Name and address                          M   1           |',
  '0130   LOC Place/location identification             C   25----------+',
  '0140   UNT Message trailer                           M   1',
]
const plainNotation = 'UNH! BGM! 1*99(NAD! LOC*25) UNT!'

const segments = [
  rule,
  '',
  '       NAD  NAME AND ADDRESS',
  '',
  '       Function: To name somebody.',
  '',
  '010    3035 PARTY FUNCTION CODE QUALIFIER              M    1 an..3',
  '',
  '020    C082 PARTY IDENTIFICATION DETAILS               C    5',
  '       3039  Party identifier                          M      an..35',
  '       3055  Code list responsible agency code         C      an..3',
  '',
  rule,
].join('\r\n')
const composites = [
  rule,
  '',
  '       C082 PARTY IDENTIFICATION DETAILS',
  '',
  '010    3039  Party identifier                          M      an..35',
  '020    3055  Code list responsible agency code         C      an..3',
].join('\r\n')
const elements = [
  rule,
  '     3035  Party function code qualifier                           [C]',
  '',
  '     Desc: Code.',
  '',
  '     Repr: an..3',
].join('\r\n')
const codes = [
  rule,
  '',
  '     3035  Party function code qualifier                           [C]',
  '',
  '     Desc: Code.',
  '',
  '     Repr: an..3',
  '',
  '     BY    Buyer',
  '              Who buys.',
].join('\r\n')

function archive(message: Buffer = messageText(...plain)): Buffer {
  return zipOf([
    { name: 'd99z/edmd.zip', bytes: zipOf([{ name: 'edmd/SAMPLE_D.99Z', bytes: message }]) },
    { name: 'd99z/EDSD.99Z', bytes: segments },
    { name: 'd99z/Edcd.99z', bytes: composites },
    { name: 'd99z/EDED.99Z', bytes: elements },
    { name: 'd99z/uncl.zip', bytes: zipOf([{ name: 'UNCL.99Z', bytes: codes }]) },
    { name: '__MACOSX/d99z/._EDSD.99Z', bytes: 'not a text' },
    { name: 'd99z/__MACOSX_edmd.zip', bytes: 'no archive at all' },
    { name: 'd99z/Text files 99Z.zip', bytes: 'what the archive says of it is wrong', damaged: true },
  ])
}

describe('the segment table of a message', () => {
  const notationOf = (...table: string[]) => readMessage(messageText(...table))?.notation

  it('FORMATS 3 becomes the structure, with the title that stands above', () => {
    expect(readMessage(messageText(...plain))).toEqual({
      name: 'Sample order message',
      notation: plainNotation,
      odd: [],
    })
  })

  it('FORMATS 3 drawn with the boxes of code page 437 is the same', () => {
    const drawn = plain.map((line) =>
      line
        .replace(/-----/g, '\xc4\xc4\xc4\xc4\xc4')
        .replace(/99-+\+$/, '99\xc4\xc4\xc4\xc4\xbf')
        .replace(/\|$/, '\xb3')
        .replace(/25-+\+$/, '25\xc4\xc4\xd9'),
    )
    expect(notationOf(...drawn)).toBe(plainNotation)
  })

  it('FORMATS 3 a corner opens on the line of a group and closes on the line of a segment, several at once', () => {
    const table = [
      plain[0]!,
      '0020   ----- Segment group 1  ------------------ C   9-----------+',
      '0030   LIN Line item                                 M   1           |',
      '0040       ----- Segment group 2  ------------------ M   5----------+|',
      '0050   PRI Price details                             M   1----------++',
      plain.at(-1)!,
    ]
    expect(notationOf(...table)).toBe('UNH! 1*9(LIN! 2!*5(PRI!)) UNT!')
  })

  it('FORMATS 3 the plus of an addition in column 6 closes nothing', () => {
    const marked = plain.map((line) => line.replace(/^(0120|0110) {2}/, '$1 +'))
    expect(notationOf(...marked)).toBe(plainNotation)
  })

  it('FORMATS 3 positions of five digits, and none at all, are the same', () => {
    expect(notationOf(...plain.map((line) => line.replace(/^(\d{4})/, '0$1')))).toBe(plainNotation)
    expect(notationOf(...plain.map((line) => line.replace(/^\d{4}/, '')))).toBe(plainNotation)
  })

  it('FORMATS 3 a name goes on in the next line', () => {
    const wrapped = plain.flatMap((line) =>
      line.startsWith('0130')
        ? [
            '0130   LOC Place/location of whatever                            |',
            '           identification            C   25----------+',
          ]
        : [line],
    )
    expect(notationOf(...wrapped)).toBe(plainNotation)
  })

  it('FORMATS 3 a group written without a blank, and a small c, are understood', () => {
    const table = plain.map((line) =>
      line.replace('group 1  ----', 'group 1------').replace(/ C {3}25/, ' c   25'),
    )
    expect(notationOf(...table)).toBe(plainNotation)
  })

  it('FORMATS 3 a trigger that may repeat is taken as the table has it', () => {
    const table = plain.map((line) => line.replace(/^(0120.* M {3})1 /, '$19 '))
    expect(notationOf(...table)).toBe('UNH! BGM! 1*99(NAD!*9 LOC*25) UNT!')
  })

  it('FORMATS 3 what is marked for deletion stays, what is deleted goes; its group leaves what is not', () => {
    const table = [
      plain[0]!,
      '0020 X BGM Beginning of message                      M   1',
      '0030 -     ----- Segment group 1  ------------------ C   9-----------+',
      '0040 * GDS Nature of cargo                           C   9           |',
      '0050 - FTX Free text                                 C   1-----------+',
      '0060       ----- Segment group 1  ------------------ C   9-----------+',
      '0070   MEA Measurements                              M   1-----------+',
      plain.at(-1)!,
    ]
    expect(notationOf(...table)).toBe('UNH! BGM! GDS*9 1*9(MEA!) UNT!')
  })

  it('FORMATS 3 a table that is printed twice, or begun anew, counts once', () => {
    expect(notationOf(...plain, '', ...plain)).toBe(plainNotation)
    expect(notationOf(...plain.slice(0, 5), '', ...plain)).toBe(plainNotation)
  })

  it('a line that is none is said', () => {
    const table = [...plain.slice(0, 2), '0030   what is this', ...plain.slice(2)]
    expect(readMessage(messageText(...table))).toMatchObject({
      notation: plainNotation,
      odd: ['0030   what is this'],
    })
    expect(readMessage(Buffer.from('README'))).toBeNull()
  })
})

describe('segments, composites and elements', () => {
  it('FORMATS 3 repeats of a composite stand in a column of their own, or inline without one', () => {
    expect(readSpecifications(Buffer.from(segments)).get('NAD')).toEqual({
      name: 'Name and address',
      items: [
        { id: '3035', mandatory: true, max: 1, format: 'an..3', components: [] },
        {
          id: 'C082',
          mandatory: false,
          max: 5,
          format: '',
          components: [
            { id: '3039', mandatory: true, max: 1, format: 'an..35', components: [] },
            { id: '3055', mandatory: false, max: 1, format: 'an..3', components: [] },
          ],
        },
      ],
    })
    const inline = segments.replace('C    5', 'C').replace('M    1 an..3', 'M  an..3')
    expect(
      readSpecifications(Buffer.from(inline))
        .get('NAD')
        ?.items.map((item) => item.max),
    ).toEqual([1, 1])
  })

  it('FORMATS 3 where rows have no positions, capitals tell elements from components', () => {
    const text = [
      rule,
      '  APR  ADDITIONAL PRICE INFORMATION',
      '',
      '  4043 CLASS OF TRADE, CODED                                  C an..3',
      '',
      '  C138 PRICE MULTIPLIER INFORMATION                           C',
      '  5394   Price multiplier                                     M n..12',
      '',
      '  5213 SUB-LINE PRICE CHANGE                                  C an..3',
    ].join('\n')
    const items = readSpecifications(Buffer.from(text)).get('APR')?.items
    expect(items?.map(({ id, components }) => [id, ...components.map((one) => one.id)])).toEqual([
      ['4043'],
      ['C138', '5394'],
      ['5213'],
    ])
  })

  it('a hyphen in a name, and a status in the first line of a wrapped one, lose nothing', () => {
    const text = [
      rule,
      '       C819 COUNTRY SUB-ENTITY DETAILS',
      '',
      '010    3229  Country sub-entity identification         C  an..9',
      '020    8395  Returnable package freight payment        C  an..3',
      '             responsibility, coded',
    ].join('\n')
    expect(
      readSpecifications(Buffer.from(text))
        .get('C819')
        ?.items.map((item) => item.id),
    ).toEqual(['3229', '8395'])
  })

  it('an element has a name without marks, and its format', () => {
    const text = `${elements}\n${rule}\n|#   1230  Allowance or charge\n           identifier                    [C] |\n\n     Repr: an..35\n`
    expect([...readElements(Buffer.from(text))]).toEqual([
      ['3035', { name: 'Party function code qualifier', format: 'an..3' }],
      ['1230', { name: 'Allowance or charge identifier', format: 'an..35' }],
    ])
  })
})

describe('code lists', () => {
  it('FORMATS 3 both layouts are read, values at the left edge and long names too', () => {
    const old = [
      rule,
      '* 3035  Party qualifier',
      '',
      '  Repr: an..3',
      '',
      '        1 First of all',
      '             Explained.',
      '   AAA    Somebody with a name that is long (and goes on in the',
      '          next line)',
      'X      22 Marked for deletion',
      '-      23 Deleted',
    ].join('\n')
    expect([...readCodeLists(Buffer.from(old)).get('3035')!]).toEqual([
      ['1', 'First of all'],
      ['AAA', 'Somebody with a name that is long (and goes on in the next line)'],
      ['22', 'Marked for deletion'],
    ])
    const late = `${codes}\n\n+    XF    X.400\n\n     22\tTabbed\n\n     Note: this is none.\n`
    expect([...readCodeLists(Buffer.from(late)).get('3035')!]).toEqual([
      ['BY', 'Buyer'],
      ['XF', 'X.400'],
      ['22', 'Tabbed'],
    ])
  })

  it('accents come out right, whatever the text is written in', () => {
    const text = codes.replace('Buyer', 'Asociaci\xf3n')
    expect(readCodeLists(Buffer.from(text, 'latin1')).get('3035')?.get('BY')).toBe('Asociación')
    expect(readCodeLists(Buffer.from(text, 'utf8')).get('3035')?.get('BY')).toBe('Asociación')
  })
})

describe('the archive', () => {
  it('FORMATS 3 archives in archives are opened; what a Mac adds and a damaged text beside are passed over', () => {
    const facts = importDirectory(archive(), reach)
    expect(facts.name).toBe('D.99Z')
    expect(facts.messages.get('SAMPLE')?.notation).toBe(plainNotation)
    expect([...facts.segments.keys(), ...facts.composites.keys(), ...facts.elements.keys()]).toEqual([
      'NAD',
      'C082',
      '3035',
    ])
    expect(facts.codes.get('3035')?.get('BY')).toBe('Buyer')
  })

  it('FORMATS 3 the end-of-file mark of DOS is no part of a text', () => {
    const message = Buffer.concat([messageText(...plain).subarray(0, -2), Buffer.from('\x1a\x1a\0')])
    expect(importDirectory(archive(message), reach).messages.get('SAMPLE')?.notation).toBe(plainNotation)
  })

  it('what is no directory, lacks a part, mixes two, or is larger than the limit is refused', () => {
    expect(() => importDirectory(Buffer.from('no archive'), reach)).toThrow('this is no zip archive')
    expect(() => importDirectory(zipOf([{ name: 'a.txt', bytes: 'a' }]), reach)).toThrow(
      'holds no UN/EDIFACT directory',
    )
    expect(() => importDirectory(zipOf([{ name: 'EDSD.99Z', bytes: segments }]), reach)).toThrow(
      'no messages of D.99Z',
    )
    const mixed = [
      { name: 'EDSD.99Z', bytes: segments },
      { name: 'EDCD.98Z', bytes: composites },
    ]
    expect(() => importDirectory(zipOf(mixed), reach)).toThrow('several directories')
    expect(() => importDirectory(archive(), { entries: 100, entryBytes: 50 })).toThrow('at most 50 are read')
    expect(() => importDirectory(archive(), { entries: 2, entryBytes: 1024 })).toThrow('at most 2 are read')
    const damaged = zipOf([{ name: 'EDSD.99Z', bytes: segments, damaged: true }])
    expect(() => importDirectory(damaged, reach)).toThrow('EDSD.99Z: it is damaged')
  })

  it('a truncated archive is refused wherever it ends', () => {
    const whole = archive()
    for (let length = 0; length < whole.length; length += 37)
      expect(() => importDirectory(whole.subarray(0, length), reach)).toThrow(Error)
  })
})
