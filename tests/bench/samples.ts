/** Orders of an invented retailer to an invented supplier; the GLNs have right check digits. */
export const retailer = '3012345000017'
export const supplier = '5412345000013'

const goods = ['Stroopwafels au beurre 8 x 320 g', 'Speculoos artisanal, boite de 6', 'Pain complet de Gand']

/** An interchange with one ORDERS D.96A of so many lines, numbered: 36 lines make 5 kB. */
export function edifactOrder(number: number, lines: number): Buffer {
  const reference = `B${String(number).padStart(9, '0')}`
  const segments = [`UNB+UNOC:3+${retailer}:14+${supplier}:14+261119:0915+${reference}++ORDERS'`]
  pushMessage(segments, String(number), lines)
  segments.push(`UNZ+1+${reference}'`)
  return Buffer.from(`${segments.join('\n')}\n`, 'latin1')
}

/** An interchange of many messages of `lines` lines each, at least `bytes` long. */
export function edifactInterchange(bytes: number, lines: number): Buffer {
  const segments = [`UNB+UNOC:3+${retailer}:14+${supplier}:14+261119:0915+M1++ORDERS'`]
  let length = 0
  let messages = 0
  while (length < bytes) {
    const from = segments.length
    pushMessage(segments, String(++messages), lines)
    for (const segment of segments.slice(from)) length += segment.length + 1
  }
  segments.push(`UNZ+${messages}+M1'`)
  return Buffer.from(`${segments.join('\n')}\n`, 'latin1')
}

function pushMessage(segments: string[], number: string, lines: number): void {
  const from = segments.length
  segments.push(
    `UNH+${number}+ORDERS:D:96A:UN:EAN008'`,
    `BGM+220+${number}+9'`,
    `DTM+137:20261119:102'`,
    `DTM+2:20261126:102'`,
    `NAD+BY+${retailer}::9++Maison Verdier SAS+12 rue des Tisserands+Lyon++69002+FR'`,
    `NAD+SU+${supplier}::9++Brouwer ?+ Zonen NV+Havenlaan 86+Gent++9000+BE'`,
    `CUX+2:EUR:9'`,
  )
  for (let line = 1; line <= lines; line++) {
    segments.push(
      `LIN+${line}++54123450${String(10_000 + line)}:EN'`,
      `PIA+1+BZ-${1000 + line}:SA'`,
      `IMD+F++:::${goods[line % goods.length]!}'`,
      `QTY+21:${line}:PCE'`,
      `PRI+AAA:${line}.40'`,
    )
  }
  segments.push(`UNS+S'`, `CNT+2:${lines}'`)
  segments.push(`UNT+${segments.length - from + 1}+${number}'`)
}
