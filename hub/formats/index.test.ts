import { expect, it } from 'vitest'
import { formatNames } from '#hub/model/format.ts'
import { detectFormat, formats } from './index.ts'

it('every format is registered under its own name', () => {
  expect(Object.keys(formats).sort()).toEqual([...formatNames].sort())
  for (const [name, format] of Object.entries(formats)) expect(format.name).toBe(name)
})

it.each([
  ["UNA:+.? '\r\nUNB+UNOC:3+S+R+260114:0915+1'", 'edifact'],
  ['\ufeff \r\nUNB+UNOA:1+S+R', 'edifact'],
  ["UNH+1+ORDERS:D:96A:UN'", 'edifact'],
  ["UNA:+.? 'FIB+x'", 'edifact'],
  ['UIB+UNOA:0++1', 'edifact'],
  ['<?xml version="1.0"?><Order/>', 'xml'],
  ['\ufeff<Order xmlns="urn:x"/>', 'xml'],
  [' {"type":"order"}', 'json'],
  ['[1]', 'json'],
])('%j is told from its first bytes', (head, name) => {
  expect(detectFormat(Buffer.from(head))).toBe(name)
})

it.each([
  '',
  'hello',
  'UNBELIEVABLE',
  'UNHappy',
  'ISA*00*',
  '%PDF-1.7',
  'PK\x03\x04',
  '\0\0\0\0',
  'a;b;c\n1;2;3',
])('%j is none of ours', (head) => {
  expect(detectFormat(Buffer.from(head))).toBeNull()
})
