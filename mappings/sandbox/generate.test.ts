import { afterAll, expect, test } from 'vitest'
import Handlebars from 'handlebars'
import { createSandbox } from './index.ts'

/*
 * What the sandbox makes of a template is what Handlebars makes of it.
 */

const sandbox = createSandbox()
afterAll(() => sandbox.close())

const document = {
  id: '345',
  empty: [],
  zero: 0,
  flag: true,
  no: false,
  party: { name: 'A', address: { city: 'Lyon' } },
  lines: [
    { id: '1', notes: ['a', 'b'], price: { value: '1' } },
    { id: '2', notes: [], last: true },
    { id: '3' },
  ],
}

test.each([
  'x {{id}} y {{missing}} z {{missing.deep.er}} {{party.address.city}} {{lines.length}} {{lines.[1].id}}',
  '{{#each lines}}{{@index}}{{#if @first}}<{{/if}}{{id}}{{#unless @last}},{{/unless}}{{/each}}',
  '{{#each lines}}{{#each notes}}{{this}}:{{../id}}:{{@index}}:{{@../index}}:{{../../id}};{{else}}none{{/each}}|{{/each}}',
  '{{#if empty}}a{{else if flag}}b{{else}}c{{/if}}{{#if zero}}d{{/if}}{{#unless no}}e{{/unless}}{{#if "x"}}f{{/if}}',
  '{{#with party}}{{name}}{{../id}}{{#with address}}{{city}}{{../name}}{{../../id}}{{/with}}{{else}}none{{/with}}{{#with nobody}}x{{else}}none{{/with}}',
  '{{#each party}}{{@key}}={{#if this.city}}{{city}}{{else}}{{this}}{{/if}} {{/each}}{{#each nobody}}x{{else}}none{{/each}}',
  '{{#each lines}}{{#if price}}{{#with price}}{{value}}{{../id}}{{@index}}{{/with}}{{/if}}{{@root.id}}{{/each}}',
  '  {{#each lines}}\n  {{id}}\n  {{~#if last~}}  L  {{~/if~}}\n  {{/each}}\n {{! c }}\n{{no}} {{zero}} {{flag}}',
  '\\{{id}} {{[id]}} {{this.id}} {{./id}}',
])('%s', async (template) => {
  const rendered = await sandbox.render(
    { kind: 'template', template, lists: {} },
    { document, data: {}, day: null },
    1,
  )
  const filled = rendered.text.replace(
    /\u0080(\d+)\u0081/g,
    (_mark, at: string) => rendered.values[Number(at)]!,
  )
  expect(filled).toBe(Handlebars.compile(template, { noEscape: true })(document))
})
