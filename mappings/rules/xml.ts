import { textOf, type XmlElement } from '#hub/formats/xml/index.ts'
import { HubError } from '#hub/model/errors.ts'
import { PlaceError } from './place.ts'
import { textOfValue, type Scope, type Source, type Target } from './ports.ts'

interface NameStep {
  prefix: string
  name: string
  index: number
}

interface XmlPlace {
  steps: NameStep[]
  attribute: { prefix: string; name: string } | null
}

/** Reads `cac:OrderLine[0]/cbc:Note` and `cbc:Quantity/@unitCode`; `.` is the element itself. Throws PlaceError. */
function xmlPlace(place: string): XmlPlace {
  const pieces = place
    .split('/')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '' && piece !== '.')
  const attribute = pieces.at(-1)?.startsWith('@') === true ? named(pieces.pop()!.slice(1), place) : null
  if (attribute !== null && attribute.index !== 0) throw new PlaceError('an attribute stands once')
  return { steps: pieces.map((piece) => named(piece, place)), attribute }
}

function named(piece: string, place: string): NameStep {
  const found = /^(?:([\p{L}_][\p{L}\p{N}_.-]*):)?([\p{L}_][\p{L}\p{N}_.-]*)(?:\[(\d{1,6})\])?$/u.exec(piece)
  if (found === null)
    throw new PlaceError(
      `expected names such as \`cac:OrderLine/cbc:Note\`, not \`${piece}\` in \`${place}\``,
    )
  return { prefix: found[1] ?? '', name: found[2]!, index: Number(found[3] ?? '0') }
}

/** Reads elements and attributes by their local names, whatever their prefix. */
export const xmlSource: Source = {
  value: (place) => {
    const { steps, attribute } = xmlPlace(place)
    return (scope) => {
      const element = follow(scope as XmlElement, steps)
      if (element === undefined) return undefined
      if (attribute === null) return textOf(element).trim() || undefined
      return element.attributes.find(({ name }) => name === attribute.name)?.value || undefined
    }
  },
  list: (place) => {
    const { steps } = xmlPlace(place)
    const way = steps.slice(0, -1)
    const last = steps.at(-1)
    if (last === undefined) throw new PlaceError('expected the name of an element')
    return (scope) => {
      const parent = follow(scope as XmlElement, way)
      return (parent?.content ?? []).filter(
        (one) => typeof one !== 'string' && one.name === last.name,
      ) as Scope[]
    }
  },
}

/** Where rules write XML: elements are made in the namespaces of the mapping. */
export function xmlTarget(namespaces: Readonly<Record<string, string>>): Target {
  const known = ({ prefix }: { prefix: string }, place: string): void => {
    if (!Object.hasOwn(namespaces, prefix))
      throw new PlaceError(
        prefix === ''
          ? `expected a prefix in \`${place}\`, such as ${Object.keys(namespaces).join(', ') || 'one of `xml.namespaces`'}`
          : `the prefix \`${prefix}\` has no namespace under \`xml.namespaces\``,
      )
  }
  const checked = (place: string): XmlPlace => {
    const read = xmlPlace(place)
    for (const step of read.steps) known(step, place)
    if (read.attribute !== null && read.attribute.prefix !== '') known(read.attribute, place)
    return read
  }
  const made = ({ prefix, name }: NameStep): XmlElement => ({
    name,
    prefix,
    namespace: namespaces[prefix]!,
    attributes: [],
    content: [],
    line: 0,
    column: 0,
  })
  const reach = (
    from: XmlElement,
    steps: readonly NameStep[],
    beside: { after?: string; before?: string },
  ): XmlElement => {
    let at = from
    for (const step of steps) {
      const found = childAt(at, step)
      if (found !== undefined) {
        at = found
        continue
      }
      const child = made(step)
      place(at, child, beside)
      at = child
    }
    return at
  }
  return {
    set: (path, beside = {}) => {
      const { steps, attribute } = checked(path)
      const names = besideNames(beside)
      return (scope, value) => {
        const element = reach(scope as XmlElement, steps, names)
        if (attribute !== null) return setAttribute(element, attribute, textOfValue(value), namespaces)
        if (element.content.some((one) => typeof one !== 'string'))
          throw new HubError('notWritable', `${path} has elements in it and cannot take a value`)
        element.content = [textOfValue(value)]
      }
    },
    remove: (path) => {
      const { steps, attribute } = xmlPlace(path)
      const last = steps.at(-1)
      return (scope) => {
        if (attribute !== null) {
          const element = follow(scope as XmlElement, steps)
          if (element !== undefined)
            element.attributes = element.attributes.filter(({ name }) => name !== attribute.name)
          return
        }
        const parent = follow(scope as XmlElement, steps.slice(0, -1))
        if (parent === undefined || last === undefined) return
        parent.content = parent.content.filter((one) => typeof one === 'string' || one.name !== last.name)
      }
    },
    list: (path) => {
      const { steps } = checked(path)
      const last = steps.at(-1)
      if (last === undefined) throw new PlaceError('expected the name of an element')
      const way = steps.slice(0, -1)
      return (scope) => {
        let parent = follow(scope as XmlElement, way)
        const items = (parent?.content ?? []).filter(isNamed(last.name)) as XmlElement[]
        return {
          get length() {
            return items.length
          },
          at: (index, make) => {
            const found = items[index]
            if (found !== undefined || !make) return found
            parent ??= reach(scope as XmlElement, way, {})
            const child = made(last)
            const behind = items.at(-1)
            if (behind === undefined || parent.content.at(-1) === behind) parent.content.push(child)
            else parent.content.splice(parent.content.indexOf(behind) + 1, 0, child)
            items.push(child)
            return child
          },
        }
      }
    },
  }
}

function follow(from: XmlElement, steps: readonly NameStep[]): XmlElement | undefined {
  let at: XmlElement | undefined = from
  for (const step of steps) {
    if (at === undefined) return undefined
    at = childAt(at, step)
  }
  return at
}

function childAt(parent: XmlElement, { name, index }: NameStep): XmlElement | undefined {
  let left = index
  for (const one of parent.content)
    if (typeof one !== 'string' && one.name === name && left-- === 0) return one
  return undefined
}

function isNamed(name: string): (one: XmlElement | string) => boolean {
  return (one) => typeof one !== 'string' && one.name === name
}

function besideNames({ after, before }: { after?: string; before?: string }): {
  after?: string
  before?: string
} {
  const name = (place: string) => named(place, place).name
  return {
    ...(after !== undefined && { after: name(after) }),
    ...(before !== undefined && { before: name(before) }),
  }
}

/** Puts a new child beside the siblings of a name, else behind those of its own name, else at the end. */
function place(
  parent: XmlElement,
  child: XmlElement,
  { after, before }: { after?: string; before?: string },
): void {
  const first = before === undefined ? -1 : parent.content.findIndex(isNamed(before))
  if (first >= 0) return void parent.content.splice(first, 0, child)
  const behind = after === undefined ? -1 : parent.content.findLastIndex(isNamed(after))
  if (behind >= 0) return void parent.content.splice(behind + 1, 0, child)
  parent.content.push(child)
}

function setAttribute(
  element: XmlElement,
  { prefix, name }: { prefix: string; name: string },
  value: string,
  namespaces: Readonly<Record<string, string>>,
): void {
  const found = element.attributes.find((one) => one.name === name && one.prefix === prefix)
  if (found !== undefined) found.value = value
  else element.attributes.push({ name, prefix, namespace: prefix === '' ? '' : namespaces[prefix]!, value })
}
