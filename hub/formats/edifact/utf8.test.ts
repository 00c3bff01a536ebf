import { expect, it } from 'vitest'
import { enveloped, read } from './samples/read.ts'

it.each([
  ['UNOC', 'Caf\u00e9 M\u00fcnchen', 'iso-8859-1'],
  ['UNOC', '\u00c9clair', 'iso-8859-1'],
  ['UNOA', '\u00e9', 'us-ascii'],
  ['UNOK', '\u015e', 'iso-8859-9'],
])('UTF-8 in a file that announces %s is one warning a message', (level, text, charset) => {
  const utf8 = Buffer.from(text).toString('latin1')
  const { findings } = read(enveloped(`FTX+AAI+++${utf8}'FTX+AAI+++${utf8}'`).replace('UNOC', level))
  expect(findings.filter((one) => one.code === 'looksLikeUtf8')).toMatchObject([
    {
      severity: 'warning',
      message: `The text looks like UTF-8, but the envelope announces ${charset}: announce UNOW or send ISO 8859-1`,
      position: { segment: 2, tag: 'FTX' },
    },
  ])
})

it('what is not UTF-8 throughout, or announced as such, is not warned about', () => {
  const utf8 = Buffer.from('\u00e9').toString('latin1')
  const latin = read(enveloped(`FTX+AAI+++caf\xe9'`))
  const mixed = read(enveloped(`FTX+AAI+++caf\xe9'FTX+AAI+++${utf8}'`))
  const announced = read(enveloped(`FTX+AAI+++${utf8}'`).replace('UNOC', 'UNOW'))
  const agreed = read(enveloped(`FTX+AAI+++${utf8}'`), { charset: 'utf-8' })
  for (const { findings } of [latin, mixed, announced, agreed]) expect(findings).toEqual([])
})
