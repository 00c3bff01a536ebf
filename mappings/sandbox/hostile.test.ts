import { afterAll, describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { formats } from '#hub/formats/index.ts'
import type { ReadFormat } from '#hub/model/format.ts'
import { faultOfTemplate } from './allow-list.ts'
import { filledTree } from './fill.ts'
import { createSandbox } from './index.ts'
import type { SandboxProgram } from './program.ts'

/*
 * Templates that mean harm, and values that do.
 */

const sandbox = createSandbox()
afterAll(() => sandbox.close())

describe('T1: templates that mean harm are refused when they are saved', () => {
  test.each([
    '{{constructor}}',
    '{{this.constructor.constructor}}',
    '{{#with this.constructor}}{{name}}{{/with}}',
    '{{__proto__}}',
    '{{this.__proto__.polluted}}',
    '{{[__proto__]}}',
    '{{[constructor]}}',
    "{{'constructor'}}",
    '{{true}}',
    '{{@root.constructor}}',
    '{{@root.__defineGetter__}}',
    '{{../constructor}}',
    '{{toString}}',
    '{{lookup this "constructor"}}',
    '{{lookup . "__proto__"}}',
    '{{log this}}',
    '{{helperMissing}}{{#helperMissing}}x{{/helperMissing}}',
    '{{#blockHelperMissing this}}x{{/blockHelperMissing}}',
    '{{> partial}}',
    '{{> (lookup . "partial")}}',
    '{{#> layout}}x{{/layout}}',
    '{{> @partial-block}}',
    '{{#*inline "a"}}{{> a}}{{/inline}}{{> a}}',
    '{{* decorator}}',
    '{{{id}}}',
    '{{&id}}',
    '{{#each this as |value constructor|}}{{value}}{{/each}}',
    '{{date issueDate pattern="x"}}',
    '{{#if (eq (lookup this "a") 1)}}x{{/if}}',
    '{{#with (constructor "return process")}}x{{/with}}',
    '{{exec "id"}}',
    '{{@process.env}}',
    '{{#id}}x{{/id}}',
    '{{^id}}x{{/id}}',
    '{{date}} {{date "a" "b" "c" "d" "e" "f" "g" "h" "i"}}',
    '{{#if a}}unclosed',
    '\u00801\u0081',
    '{{#if a}}'.repeat(17) + '{{/if}}'.repeat(17),
    '{{#if a}}'.repeat(5_000) + '{{/if}}'.repeat(5_000),
    '{{a}}'.repeat(5_001),
    'x'.repeat(65_537),
  ])('%.60s', (template) => {
    const startedMs = performance.now()
    expect(faultOfTemplate(template)).toMatchObject({
      line: expect.any(Number),
      message: expect.stringMatching(/./),
    })
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  test('what the reference page allows is taken', () => {
    const good =
      '{{! c }}{{id}} {{#if a}}x{{else if b}}y{{else}}z{{/if}}{{#each list}}{{@index}}{{../id}}{{this}}{{/each}}{{#with g}}{{x.y.[0]}}{{/with}}{{date issueDate "YYYY"}}{{or (cut a 3) "x"}}{{@settings.branch}}'
    expect(faultOfTemplate(good)).toBeNull()
  })
})

test('T3: members of the engine are empty even where the list would let them through', async () => {
  const program: SandboxProgram = {
    kind: 'template',
    template: '{{process}}{{require}}{{Handlebars}}{{globalThis}}{{@settings}}',
    lists: {},
  }
  const { values } = await sandbox.render(program, { document: { id: '1' }, data: {}, day: null }, 0)
  expect(values).toEqual([])
  // past the allow-list of the file they are refused before they run
  const names: SandboxProgram = {
    ...program,
    template: '{{constructor}}{{__proto__}}{{this.constructor.name}}',
  }
  await expect(sandbox.render(names, { document: {}, data: {}, day: null }, 0)).rejects.toMatchObject({
    code: 'sandboxFailed',
  })
  expect(({} as { polluted?: string }).polluted).toBeUndefined()
})

describe('E10: whatever a value holds, the output has as many parts as with any other', () => {
  const templates = {
    edifact: "BGM+220+{{a}}+9'\nFTX+AAI+++{{b}}:{{a}}'\n{{#if b}}FTX+ZZZ+++x'{{/if}}",
    xml: '<o xmlns="urn:x" a="{{a}}"><p>{{b}}</p><p>{{a}}{{b}}</p></o>',
    json: '{ "a": "{{a}}", "list": ["{{b}}", "{{a}} and {{b}}"] }',
  } as const
  const value = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '+',
          ':',
          '?',
          '*',
          '<',
          '>',
          '&',
          ']]>',
          '"',
          '\\',
          '{',
          '}',
          '{{b}}',
          "UNT+1+1'",
          '\\u0022',
          'é',
          ',',
        ),
        { minLength: 1, maxLength: 12 },
      )
      .map((parts) => `A${parts.join('')}`),
  )
  test.each(Object.keys(templates) as ReadFormat[])('in %s', async (format) => {
    const program: SandboxProgram = {
      kind: 'template',
      template: templates[format as keyof typeof templates],
      lists: {},
    }
    const partsOf = async (document: {
      a: string
      b: string
    }): Promise<{ parts: number; text: string } | null> => {
      const rendered = await sandbox.render(program, { document, data: {}, day: null }, 0)
      const tree = filledTree(format, rendered, (text) => text)
      let bytes: Buffer
      try {
        bytes = formats[format].write({
          sender: { scheme: 'unb', value: 'A' },
          receiver: { scheme: 'unb', value: 'B' },
          reference: '1',
          env: 'test',
          at: new Date('2026-01-01T00:00:00Z'),
          messages: [{ wireType: 'ORDERS', version: 'D.96A', reference: '1', tree }],
          terms: { syntax: 'UNOY:4' },
        })
      } catch (error) {
        // a character that the format has no place for is refused, which is as good
        expect(error).toMatchObject({ code: 'notWritable' })
        return null
      }
      const reader = formats[format].reader()
      const events = [...reader.push(bytes), ...reader.end()]
      const messages = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))
      expect(messages).toHaveLength(1)
      return { parts: messages[0]!.parts, text: JSON.stringify(messages[0]!.tree) }
    }
    const plain = (await partsOf({ a: 'A', b: 'B' }))!
    await fc.assert(
      fc.asyncProperty(value, value, async (a, b) => {
        const found = await partsOf({ a, b })
        if (found === null) return
        expect(found.parts).toBe(plain.parts)
        if (/^[A-Za-z0-9'+:?*<>&]+$/.test(a)) expect(found.text).toContain(JSON.stringify(a).slice(1, -1))
      }),
      { numRuns: 60 },
    )
  })

  test('a value in the place of a name is refused', async () => {
    for (const [format, template] of [
      ['edifact', "{{a}}+1'"],
      ['xml', '<o><{{a}}>x</{{a}}></o>'],
      ['json', '{ "{{a}}": 1 }'],
    ] as const) {
      const program: SandboxProgram = { kind: 'template', template, lists: {} }
      const rendered = await sandbox.render(program, { document: { a: 'BGM' }, data: {}, day: null }, 0)
      expect(() => filledTree(format, rendered, (text) => text)).toThrow(
        expect.objectContaining({ code: 'notWritable' }),
      )
    }
  })
})
