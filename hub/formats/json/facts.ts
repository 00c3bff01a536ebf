import type { Finding } from '#hub/model/findings.ts'
import type { WireIdentity } from '#hub/model/format.ts'
import { identityAmong, type PartyNumber } from '#hub/model/identity.ts'
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from './tree.ts'

/** What the hub routes a document by. */
export interface JsonFacts {
  wireType: string
  version: string
  guide: string
  number: string | null
  function: string | null
  sender: WireIdentity | null
  receiver: WireIdentity | null
  lines: number
  findings: Finding[]
}

/** Reads the facts off an object that may be anything: what is missing or of another kind is absent. */
export function factsOf(document: JsonObject): JsonFacts {
  const wireType = textOf(document.type) ?? ''
  const lines = document.orderLine
  return {
    wireType,
    version: textOf(document.version) ?? '',
    guide: '',
    number: textOf(document.id) ?? null,
    function: textOf(document.function) ?? null,
    sender: identityIn(document.buyerCustomerParty),
    receiver: identityIn(document.sellerSupplierParty),
    lines: Array.isArray(lines) ? lines.length : 0,
    findings: wireType === '' ? [untyped] : [],
  }
}

const untyped: Finding = {
  code: 'jsonNotADocument',
  severity: 'error',
  message: 'the document has no member "type" that says what it is',
  position: { path: 'type' },
}

function identityIn(role: JsonValue | undefined): WireIdentity | null {
  const party = memberOf(role, 'party')
  const endpoint = identifierIn(memberOf(party, 'endpointId'))
  const list = memberOf(party, 'partyIdentification')
  const identifications = (Array.isArray(list) ? list : []).map(identifierIn)
  return identityAmong([endpoint, ...identifications].filter((one) => one !== undefined))
}

function identifierIn(value: JsonValue | undefined): PartyNumber | undefined {
  const id = textOf(memberOf(value, 'id'))
  const schemeId = textOf(memberOf(value, 'schemeId'))
  return id === undefined ? undefined : { id, ...(schemeId !== undefined && { schemeId }) }
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value instanceof JsonNumber) return value.text
  return typeof value === 'string' && value !== '' ? value : undefined
}
