import Handlebars from 'handlebars'
import { limits } from '#hub/base/limits.ts'
import { messageOf } from '#hub/model/errors.ts'
import { helperNames } from './prelude.ts'
import { markClose, markOpen, outputParts } from './program.ts'

/**
 * What is wrong with a template, with its line, or null. Only what is listed here may stand in one: text, comments, values
 * that are escaped, the blocks `if`, `unless`, `each` and `with`, and the hub's own helpers. Nothing of it is run.
 */
export function faultOfTemplate(template: string): { line: number; message: string } | null {
  if (Buffer.byteLength(template) > limits.templateBytes)
    return { line: 1, message: `expected at most ${limits.templateBytes} bytes (templateBytes)` }
  if (marks.some((mark) => template.includes(mark)))
    return { line: 1, message: 'expected text without control characters (U+0080 to U+0082)' }
  const depth = depthOf(template)
  if (depth > limits.templateDepth)
    return {
      line: 1,
      message: `expected at most ${limits.templateDepth} blocks in each other (templateDepth)`,
    }
  let root: hbs.AST.Program
  try {
    root = Handlebars.parseWithoutProcessing(template)
  } catch (error) {
    const message = messageOf(error)
    const line = Number(/line (\d+)/.exec(message)?.[1] ?? '1')
    return { line, message: `not a template: ${message.split('\n')[0]}` }
  }
  try {
    new AllowList().program(root, 0)
    return null
  } catch (error) {
    if (error instanceof Refused) return { line: error.line, message: error.message }
    throw error
  }
}

const marks = [markOpen, markClose, outputParts]

/** How deep blocks open in each other, told before anything is parsed; an opening in a comment or text counts as well. */
function depthOf(template: string): number {
  let depth = 0
  let deepest = 0
  for (const [, sign] of template.matchAll(/\{\{~?\s*([#/^&>])/g)) {
    if (sign === '#') deepest = Math.max(deepest, ++depth)
    else if (sign === '/') depth--
  }
  return deepest
}

class Refused extends Error {
  readonly line: number

  constructor(node: hbs.AST.Node, message: string) {
    super(message)
    this.line = node.loc?.start?.line ?? 1
  }
}

const blocks: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with'])
const dataNames: ReadonlySet<string> = new Set([
  'index',
  'first',
  'last',
  'key',
  'root',
  'settings',
  'sender',
  'receiver',
])
const namesOfNobody: ReadonlySet<string> = new Set([
  'constructor',
  'prototype',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  'hasOwnProperty',
  'valueOf',
  'toString',
])

class AllowList {
  #nodes = 0

  program(program: hbs.AST.Program, depth: number): void {
    this.#count(program)
    if ((program.blockParams?.length ?? 0) > 0)
      throw new Refused(program, 'block parameters (`as |…|`) are not taken')
    if (depth > limits.templateDepth)
      throw new Refused(
        program,
        `expected at most ${limits.templateDepth} blocks in each other (templateDepth)`,
      )
    for (const statement of program.body) this.#statement(statement, depth)
  }

  #statement(statement: hbs.AST.Statement, depth: number): void {
    this.#count(statement)
    switch (statement.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        return
      case 'MustacheStatement': {
        const mustache = statement as hbs.AST.MustacheStatement
        // `{{{` and `{{&` write a value as it is, so that it could be taken for syntax
        if (!mustache.escaped)
          throw new Refused(statement, '`{{{` and `{{&` are not taken: every value is written escaped')
        if (mustache.path.type !== 'PathExpression')
          throw new Refused(statement, 'expected a member or a helper; a text stands without `{{`')
        return this.#call(mustache, helperNames)
      }
      case 'BlockStatement': {
        const block = statement as hbs.AST.BlockStatement
        this.#block(block)
        this.program(block.program, depth + 1)
        if (block.inverse) this.program(block.inverse, depth + 1)
        return
      }
      default:
        throw new Refused(statement, `${nameOf(statement.type)} are not taken`)
    }
  }

  #block(block: hbs.AST.BlockStatement): void {
    const path = block.path
    this.#count(path)
    if (path.type !== 'PathExpression' || !blocks.has(path.original))
      throw new Refused(block, `expected one of the blocks ${[...blocks].join(', ')}`)
    if (block.params.length !== 1) throw new Refused(block, `\`${path.original}\` takes one value`)
    this.#noHash(block.hash, block)
    for (const parameter of block.params) this.#value(parameter)
  }

  #call(
    call: { path: hbs.AST.Expression; params: hbs.AST.Expression[]; hash: hbs.AST.Hash },
    known: ReadonlySet<string>,
  ): void {
    const { path, params, hash } = call
    this.#noHash(hash, path)
    if (params.length > 0) {
      this.#count(path)
      const name = (path as hbs.AST.PathExpression).original
      if (path.type !== 'PathExpression' || !known.has(name))
        throw new Refused(path, `there is no helper \`${name}\`; there are ${[...known].join(', ')}`)
      if (params.length > 8) throw new Refused(path, 'expected at most 8 values')
      for (const parameter of params) this.#value(parameter)
      return
    }
    this.#value(path)
  }

  #value(expression: hbs.AST.Expression): void {
    this.#count(expression)
    switch (expression.type) {
      case 'StringLiteral':
      case 'NumberLiteral':
      case 'BooleanLiteral':
      case 'UndefinedLiteral':
      case 'NullLiteral':
        return
      case 'PathExpression':
        return this.#path(expression as hbs.AST.PathExpression)
      case 'SubExpression': {
        const call = expression as hbs.AST.SubExpression
        if (call.params.length === 0) throw new Refused(expression, 'a helper takes at least one value')
        return this.#call(call, helperNames)
      }
      default:
        throw new Refused(expression, `${nameOf(expression.type)} are not taken`)
    }
  }

  #path(path: hbs.AST.PathExpression): void {
    const parts: unknown[] = path.parts
    if (path.depth > limits.templateDepth) throw new Refused(path, 'too many `../`')
    if (path.data && !dataNames.has(String(parts[0])))
      throw new Refused(path, `there is no \`@${String(parts[0])}\``)
    for (const part of parts)
      if (typeof part !== 'string' || namesOfNobody.has(part))
        throw new Refused(path, `\`${String(part)}\` is not a member of a document`)
  }

  #noHash(hash: hbs.AST.Hash | undefined, at: hbs.AST.Node): void {
    if ((hash?.pairs?.length ?? 0) > 0) throw new Refused(at, 'named values (`name=…`) are not taken')
  }

  #count(node: hbs.AST.Node): void {
    if (++this.#nodes > limits.templateNodes)
      throw new Refused(node, `expected at most ${limits.templateNodes} parts (templateNodes)`)
  }
}

function nameOf(type: string): string {
  const names: Record<string, string> = {
    PartialStatement: 'partials (`{{> …}}`)',
    PartialBlockStatement: 'partials (`{{#> …}}`)',
    Decorator: 'decorators (`{{* …}}`)',
    DecoratorBlock: 'decorators (`{{#* …}}`)',
  }
  return names[type] ?? type
}
