import { expect, test } from 'vitest'
import { codes } from './index.ts'

test.each(['profileMissing', 'agreementMissing'] as const)(
  'the fix of %s names the ways there are to send the document again',
  (code) => {
    const { en, fr } = codes[code]
    expect(en.fix).toMatch(/sender sends (the document )?again, or .* "crossdock send"/)
    expect(fr.fix).toMatch(/renvoie( le document)?, ou .* « crossdock send »/)
  },
)
