import { readFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import {
  directoryNamed,
  explainPart,
  keepDirectory,
  listDirectories,
  type Explained,
  type ExplainedElement,
  type ExplainedNode,
} from '#hub/formats/edifact/directories.ts'
import { onePositional, UsageError, type Call, type Verb } from './verb.ts'

export const directories: Verb = {
  name: 'directories',
  summary: 'lists the UN/EDIFACT directories that messages are checked with',
  usage: 'crossdock directories',
  help: `D.93A to D.24A come with Crossdock; "directories import" adds others. With --json: name and source of each.`,
  run: async (call) => {
    if (call.positionals.length > 0) throw new UsageError(`there is no "directories ${call.positionals[0]}"`)
    const listed = listDirectories()
    if (call.json) call.out(JSON.stringify({ directories: listed }))
    else for (const { name, source } of listed) call.out(source === 'imported' ? `${name}  imported` : name)
    return 0
  },
}

export const directoriesExplain: Verb = {
  name: 'directories explain',
  summary: 'explains a message, segment, composite, element or code of a directory',
  usage: 'crossdock directories explain D.96A NAD',
  help: `Names, formats, cardinality and codes:
  crossdock directories explain D.96A ORDERS     how the message is built
  crossdock directories explain D.96A NAD        the elements of a segment
  crossdock directories explain D.96A C082       the components of a composite
  crossdock directories explain D.96A 3035       an element and its code list
  crossdock directories explain D.96A 3035 BY    one code
M is mandatory, C conditional; the number is how often it may come. Exit code 1 where the directory has no such thing.`,
  run: async (call) => {
    const [name, id, value, ...more] = call.positionals
    if (name === undefined || id === undefined || more.length > 0)
      throw new UsageError('give a directory and what to explain, e.g. D.96A NAD')
    const directory = directoryNamed(name)
    const found = explainPart(directory, id.toUpperCase(), value)
    if (call.json) call.out(JSON.stringify({ directory: directory.name, found }, null, 2))
    else if (found === null)
      call.out(`${directory.name} has no ${id}${value === undefined ? '' : ` ${value}`}.`)
    else for (const line of linesOf(found)) call.out(line)
    return found === null ? 1 : 0
  },
}

export const directoriesImport: Verb = {
  name: 'directories import',
  summary: 'reads a UN/EDIFACT directory from the zip file that UNECE publishes',
  usage: 'crossdock directories import FILE.zip',
  help: `FILE is the zip file of one directory as it was downloaded. Its facts are kept in the data folder, and are used instead of those
that come with Crossdock; a hub that runs takes a directory that it has not used yet at once, and others when it starts again.
Exit code 1 where lines of it could not be understood: they are listed.`,
  run: async (call) => {
    const archive = await readFile(onePositional(call, 'zip file'))
    const kept = keepDirectory(archive, importedFolder(call.env))
    if (call.json) call.out(JSON.stringify(kept))
    else sayKept(kept, call)
    return kept.odd.length === 0 ? 0 : 1
  },
}

/** Where imported directories are kept. */
export function importedFolder(env: NodeJS.ProcessEnv): string {
  const data = env['CROSSDOCK_DATA'] ?? '.crossdock'
  return join(isAbsolute(data) ? data : resolve(data), 'directories')
}

function sayKept(kept: ReturnType<typeof keepDirectory>, call: Call): void {
  const { name, messages, segments, elements, codes, odd } = kept
  call.out(`${name}: ${messages} messages, ${segments} segments, ${elements} elements, ${codes} codes`)
  if (codes === 0) call.out('It has no code lists: codes are not checked with it.')
  for (const { message, line } of odd) call.out(`Not understood in ${message}: ${line}`)
}

function linesOf(found: Explained): string[] {
  switch (found.kind) {
    case 'message':
      return [`${found.type}  ${found.name}`, '', ...nodeLines(found.structure, 0)]
    case 'segment':
      return [`${found.tag}  ${found.name}`, '', ...elementLines(found.elements, 0)]
    case 'composite':
      return [`${found.id}  ${found.name}`, '', ...elementLines(found.components, 0)]
    case 'element': {
      const width = Math.max(...found.codes.map(({ value }) => value.length), 0)
      const codes = found.codes.map(({ value, name }) => `  ${value.padEnd(width)}  ${name}`)
      return [`${found.id}  ${found.name}  ${found.format}`, ...(codes.length > 0 ? ['', ...codes] : [])]
    }
    case 'code':
      return [`${found.element} ${found.value}  ${found.name}`, `  ${found.elementName}`]
  }
}

function nodeLines(nodes: readonly ExplainedNode[], depth: number): string[] {
  return nodes.flatMap((node) => {
    const head = `${'  '.repeat(depth)}${node.id}`.padEnd(16)
    const line = `${head} ${status(node)} ${String(node.max).padStart(7)}  ${node.name}`.trimEnd()
    return [line, ...nodeLines(node.children ?? [], depth + 1)]
  })
}

function elementLines(elements: readonly ExplainedElement[], depth: number): string[] {
  return elements.flatMap((element) => {
    const position = String(element.position).padStart(depth === 0 ? 2 : 5)
    const line = `${position}  ${element.id}  ${status(element)} ${String(element.max).padStart(3)}  ${element.format.padEnd(7)}  ${element.name}`
    return [element.coded ? `${line} (codes)` : line, ...elementLines(element.components ?? [], depth + 1)]
  })
}

function status({ mandatory }: { mandatory: boolean }): string {
  return mandatory ? 'M' : 'C'
}
