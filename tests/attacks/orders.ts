/** Orders of invented partners for tests of the whole hub; the GLNs have right check digits. */
export const mallory = '3012345000017'
export const neighbour = '4012345000009'
export const supplier = '5412345000013'

export type OrderFormat = 'edifact' | 'xml' | 'json'

/** A good order of one line or more, with its number. */
export function goodOrder(format: OrderFormat, number: string, from: string = mallory, lines = 1): Buffer {
  if (format === 'edifact') return edifactOrder(number, from, lines)
  return format === 'xml' ? xmlOrder(number, from, lines) : jsonOrder(number, from, lines)
}

/** The control reference is the number too. */
function edifactOrder(number: string, from: string, lines: number): Buffer {
  const head = `UNB+UNOC:3+${from}:14+${supplier}:14+261119:0915+${number}++ORDERS'`
  return Buffer.from(`${head}\n${edifactMessage(number, from, lines)}UNZ+1+${number}'\n`, 'latin1')
}

/** One ORDERS D.96A from UNH to UNT, each segment on a line of its own. */
export function edifactMessage(number: string, from: string, lines: number, reference = '1'): string {
  const segments = [
    `UNH+${reference}+ORDERS:D:96A:UN:EAN008'`,
    `BGM+220+${number}+9'`,
    `DTM+137:20261119:102'`,
    `NAD+BY+${from}::9'`,
    `NAD+SU+${supplier}::9'`,
    `CUX+2:EUR:9'`,
  ]
  for (let line = 1; line <= lines; line++)
    segments.push(`LIN+${line}++5412345001010:EN'`, `QTY+21:${line}:PCE'`, `PRI+AAA:14.40'`)
  segments.push(`UNS+S'`, `CNT+2:${lines}'`)
  segments.push(`UNT+${segments.length + 1}+${reference}'`)
  return `${segments.join('\n')}\n`
}

const ubl = 'urn:oasis:names:specification:ubl:schema:xsd'

function xmlOrder(number: string, from: string, lines: number): Buffer {
  const line = (id: number): string =>
    `<cac:OrderLine><cac:LineItem><cbc:ID>${id}</cbc:ID><cbc:Quantity unitCode="C62">${id}</cbc:Quantity><cac:Item><cbc:Name>Pain</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine>`
  return Buffer.from(
    `${xmlHead(number, from)}${Array.from({ length: lines }, (_, index) => line(index + 1)).join('')}</Order>`,
  )
}

/** A UBL order up to where its lines begin. */
export function xmlHead(number: string, from: string = mallory): string {
  const party = (role: string, gln: string): string =>
    `<cac:${role}><cac:Party><cac:PartyIdentification><cbc:ID schemeID="0088">${gln}</cbc:ID></cac:PartyIdentification></cac:Party></cac:${role}>`
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<Order xmlns="${ubl}:Order-2" xmlns:cac="${ubl}:CommonAggregateComponents-2" xmlns:cbc="${ubl}:CommonBasicComponents-2">` +
    `<cbc:ID>${number}</cbc:ID><cbc:IssueDate>2026-11-19</cbc:IssueDate><cbc:OrderTypeCode>220</cbc:OrderTypeCode>` +
    `${party('BuyerCustomerParty', from)}${party('SellerSupplierParty', supplier)}`
  )
}

function jsonOrder(number: string, from: string, lines: number): Buffer {
  return Buffer.from(
    `${jsonHead(number, from)}"orderLine":[${Array.from({ length: lines }, (_, index) => jsonLine(index + 1)).join(',')}]}`,
  )
}

/** A JSON order up to the comma before its lines. */
export function jsonHead(number: string, from: string = mallory): string {
  const party = (gln: string) => ({ party: { partyIdentification: [{ id: gln, schemeId: '0088' }] } })
  const head = {
    type: 'order',
    version: '1',
    id: number,
    issueDate: '2026-11-19',
    function: 'original',
    buyerCustomerParty: party(from),
    sellerSupplierParty: party(supplier),
  }
  return `${JSON.stringify(head).slice(0, -1)},`
}

export function jsonLine(id: number): string {
  return `{"lineItem":{"id":"${id}","quantity":{"value":"${id}","unitCode":"PCE"},"item":{"name":"Pain"}}}`
}
