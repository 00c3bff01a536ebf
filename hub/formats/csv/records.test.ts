import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvRecords } from './records.ts'

function fieldsOf(text: string): string[][] {
  const { records, fault } = csvRecords(text)
  expect(fault).toBeNull()
  return records.map(({ fields }) => fields)
}

test('records, quoted fields, doubled quotes and line ends within quotes are read (RFC 4180 §2)', () => {
  expect(fieldsOf('a,b\r\n"1, 2","say ""no""\r\nplease"\r\n')).toEqual([
    ['a', 'b'],
    ['1, 2', 'say "no"\r\nplease'],
  ])
  expect(fieldsOf('\ufeffa;b\n1;2,5\n')).toEqual([
    ['a', 'b'],
    ['1', '2,5'],
  ])
  expect(fieldsOf('a,b,\n\n,\n"",x')).toEqual([
    ['a', 'b', ''],
    ['', ''],
    ['', 'x'],
  ])
})

test('each record knows the line on which it begins', () => {
  const { records } = csvRecords('a\n"1\n2\n3",x\n\nlast')
  expect(records.map(({ line }) => line)).toEqual([1, 2, 6])
})

test.each([
  ['a,b\n1,"2', { line: 2, field: 2, kind: 'quoteOpen' }],
  ['a,b\n1,2"3', { line: 2, field: 2, kind: 'quoteWithin' }],
  ['a,b\n"1"2,3', { line: 2, field: 1, kind: 'behindQuote' }],
])('what is no CSV is named by its place: %j', (text, fault) => {
  expect(csvRecords(text).fault).toEqual(fault)
})

test('what is written by the rules is read again as it was', () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', '\r', ' ') })
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      (rows) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
        const text = rows.map((row) => row.map(quoted).join(',')).join('\r\n')
        expect(fieldsOf(text)).toEqual(rows)
      },
    ),
  )
})

test('any text is read or refused, and never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void csvRecords(text)))
})
