import { expect, test } from 'vitest'
import fc from 'fast-check'
import type { z } from 'zod'
import { canonicalSchemaOf, checkCanonical } from '#hub/canonical/index.ts'
import { edifactFormat, type EdifactMessage } from '#hub/formats/edifact/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import {
  canonicalTypes,
  type CanonicalDocument,
  type CanonicalType,
  type MappedMessage,
} from '#hub/model/mapping.ts'
import { notCarried } from '#mappings/engine/carried.ts'
import { libraryMappings } from '#mappings/engine/index.ts'

/** Texts with what separates segments, elements and components. */
const text = fc
  .array(fc.constantFrom(..."abcXYZ019 +:'?*.,-é"), { minLength: 1, maxLength: 30 })
  .map((characters) => characters.join('').trim())
  .filter((joined) => joined !== '')
const code = fc.stringMatching(/^[A-Z0-9]{1,3}$/)
const decimal = fc
  .tuple(fc.nat(9_999_999), fc.constantFrom('', '.5', '.25', '.100'))
  .map(([whole, fraction]) => `${whole}${fraction}`)
const date = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2035-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))

/** Any document that a schema takes: a value for each text by its pattern, at most three items in a list. */
function anyOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'object') return anyObject(def.shape)
  if (def.type === 'array') {
    const least = schema._zod.def.checks?.some(
      ({ _zod }) => (_zod.def as { check: string }).check === 'min_length',
    )
    return fc.array(anyOf(def.element), { minLength: least ? 1 : 0, maxLength: 2 })
  }
  if (def.type === 'optional') return anyOf(def.innerType)
  if (def.type === 'enum') return fc.constantFrom(...Object.values(def.entries))
  if (def.type === 'literal') return fc.constantFrom(...def.values)
  if (def.type === 'boolean') return fc.boolean()
  if (def.type === 'record') return fc.constant(undefined)
  if (def.type === 'string') return anyText(schema)
  throw new Error(`a schema of type ${def.type} has no values here`)
}

function anyObject(shape: Readonly<Record<string, z.core.$ZodType>>): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(
    Object.entries(shape).map(([name, member]) => {
      const value = /id$|code$/i.test(name) && isFreeText(member) ? code : anyOf(member)
      // few members at a time: a document with all of them is one of thousands
      return [
        name,
        member._zod.def.type === 'optional' ? fc.option(value, { nil: undefined, freq: 2 }) : value,
      ]
    }),
  )
  return fc.record(members)
}

function isFreeText(schema: z.core.$ZodType): boolean {
  return (schema as z.ZodType).safeParse('any text').success
}

function anyText(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const takes = (sample: string) => (schema as z.ZodType).safeParse(sample).success
  if (takes('any text')) return text
  if (takes('12.5')) return decimal
  if (takes('2026-11-21')) return date
  if (takes('14:30:00')) return fc.constantFrom('14:30:00', '00:00:00', '08:15:20')
  return takes('EUR') && !takes('XYZZ') && !takes('C6') ? fc.constantFrom('EUR', 'USD') : code
}

/** Lines that are in a handling unit or a group of products are in the first that there is. */
function inUnits(document: CanonicalDocument): CanonicalDocument {
  const { shipment, productGroup, despatchLine, receiptLine, catalogueLine } = document as unknown as {
    shipment?: { transportHandlingUnit?: { id: string }[] }
    productGroup?: { id: string }[]
  } & Record<string, { handlingUnitId?: string | undefined; productGroup?: string | undefined }[] | undefined>
  const unit = shipment?.transportHandlingUnit?.[0]?.id
  const group = productGroup?.[0]?.id
  for (const line of despatchLine ?? receiptLine ?? catalogueLine ?? []) {
    if (line.handlingUnitId !== undefined) line.handlingUnitId = unit
    if (line.productGroup !== undefined) line.productGroup = group
  }
  return JSON.parse(JSON.stringify(document)) as CanonicalDocument
}

function overTheWire(message: MappedMessage): ReadMessage {
  const bytes = edifactFormat.write({
    sender: { scheme: 'gln', value: '3020180000017' },
    receiver: { scheme: 'gln', value: '5412070000012' },
    reference: '1',
    env: 'live',
    at: new Date(0),
    messages: [{ ...message, reference: '1' }],
    terms: { syntax: 'UNOC:3' },
  })
  const reader = edifactFormat.reader()
  const messages = [...reader.push(bytes), ...reader.end()].flatMap((event) =>
    event.kind === 'message' ? [event.message] : [],
  )
  expect(messages).toHaveLength(1)
  return messages[0]!
}

const types = canonicalTypes.filter((type): type is CanonicalType => type !== 'order')
const ways = types.flatMap((type) => ['edifact-d96a', 'edifact-d01b'].map((name) => `${type}/${name}`))

test.each(ways)(
  'any document goes through %s with every difference told, and no value makes a segment',
  (mapping) => {
    const type = mapping.split('/')[0] as CanonicalType
    const documents = anyOf(canonicalSchemaOf(type)).map((value) =>
      inUnits(JSON.parse(JSON.stringify(value)) as CanonicalDocument),
    )
    fc.assert(
      fc.property(documents, (document) => {
        expect(checkCanonical(document)).toEqual([])
        let message: MappedMessage
        try {
          message = libraryMappings.fromCanonical(mapping, document, {
            sender: null,
            receiver: null,
            settings: {},
          })
        } catch (error) {
          expect(error).toBeInstanceOf(HubError)
          return
        }
        const made = (message.tree as EdifactMessage).segments.length
        const again = overTheWire(message)
        expect((again.tree as EdifactMessage).segments).toHaveLength(made + 2)
        const { canonical } = libraryMappings.toCanonical(mapping, again)
        const { extensions: _, ...back } = canonical
        const told = notCarried(document, back, `${message.wireType} ${message.version}`)
        expect(told).toEqual(message.findings)
      }),
      { numRuns: 15 },
    )
  },
)
