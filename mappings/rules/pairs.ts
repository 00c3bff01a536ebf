import { PlaceError } from './place.ts'
import type { WrittenCondition, WrittenEach, WrittenPair, WrittenRule } from './schema.ts'

export type PairDirection = 'toCanonical' | 'fromCanonical'

/** Parts of a mapping that its rules use by name. */
export type Parts = Readonly<Record<string, readonly WrittenRule[]>>

interface Way {
  direction: PairDirection
  parts: Parts
  /** What stands in front of members, and of places. */
  member: string
  place: string
  /** Names of the parts that are being put in. */
  using: readonly string[]
}

/**
 * Rules in which what is written for both ways (`member` and `place`) has become rules for one: `set` and `each` from the
 * message, or into it; parts are put in where they are used. Throws PlaceError for a part that is not there.
 */
export function expandPairs(
  rules: readonly WrittenRule[],
  direction: PairDirection,
  parts: Parts,
): WrittenRule[] {
  const way: Way = { direction, parts, member: '', place: '', using: [] }
  return rules.flatMap((rule) => expand(rule, way))
}

function expand(rule: WrittenRule, way: Way): WrittenRule[] {
  if ('set' in rule || 'remove' in rule) {
    if (way.member !== '' || way.place !== '')
      throw new PlaceError('`set` and `remove` stand outside of groups that have a `member` or `group`')
    return [rule]
  }
  if ('each' in rule) return [{ ...rule, rules: rule.rules.flatMap((one) => expand(one, way)) }]
  if ('ignore' in rule)
    return way.direction === 'fromCanonical' ? [] : [{ ignore: under(way.place, rule.ignore) }]
  if (rule.only !== undefined && rule.only !== (way.direction === 'toCanonical' ? 'reading' : 'writing'))
    return []
  if (rule.members !== undefined || rule.groups !== undefined) return expandList(rule, way)
  if (rule.rules === undefined && rule.use === undefined) return valueRule(rule, way)
  const inner = within(way, rule)
  return guarded(
    innerRules(rule, inner).flatMap((one) => expand(one, inner)),
    conditionFor(way, rule),
  )
}

/** A condition on a group holds for each rule in it. */
function guarded(rules: WrittenRule[], when: WrittenCondition | undefined): WrittenRule[] {
  if (when === undefined) return rules
  return rules.map((rule) => {
    if (!('set' in rule || 'each' in rule)) return rule
    return { ...rule, when: rule.when === undefined ? when : { all: [when, rule.when] } }
  })
}

function conditionFor(way: Way, { whenReading, whenWriting }: WrittenPair): WrittenCondition | undefined {
  const when = way.direction === 'toCanonical' ? whenReading : whenWriting
  return when && placed(when, way)
}

/** A condition whose places stand in the group around it. */
function placed(when: WrittenCondition, way: Way): WrittenCondition {
  const { from, all, any, none } = when
  const at = way.direction === 'toCanonical' ? under(way.place, from) : joined(way.member, from)
  return {
    ...when,
    ...(from !== undefined && { from: at }),
    ...(all && { all: all.map((one) => placed(one, way)) }),
    ...(any && { any: any.map((one) => placed(one, way)) }),
    ...(none && { none: none.map((one) => placed(one, way)) }),
  }
}

function within(way: Way, { member, group, use }: WrittenPair): Way {
  return {
    ...way,
    member: joined(way.member, member),
    place: under(way.place, group),
    using: use === undefined ? way.using : [...way.using, use],
  }
}

function innerRules({ rules, use }: WrittenPair, way: Way): readonly WrittenRule[] {
  if (use === undefined) return rules ?? []
  const part = Object.hasOwn(way.parts, use) ? way.parts[use] : undefined
  if (part === undefined) throw new PlaceError(`expected one of the \`parts\`, not \`${use}\``)
  if (way.using.indexOf(use) !== way.using.length - 1) throw new PlaceError(`the part \`${use}\` uses itself`)
  return [...part, ...(rules ?? [])]
}

function expandList(rule: WrittenPair, way: Way): WrittenRule[] {
  const { members, groups, place, as, codes, unlisted } = rule
  // of the item, as what stands in the loop
  const when = conditionFor({ ...way, member: '', place: '' }, rule)
  if (groups === undefined) throw new PlaceError('`members` needs `groups`, the list in the message')
  const [each, into] = ends(way, joined(way.member, members), under(way.place, groups))
  if (members === undefined && rule.only !== 'reading')
    throw new PlaceError('`groups` without `members` is for `only: reading`')
  const inner: Way = { ...within(way, { use: rule.use }), member: '', place: '' }
  const text: WrittenPair[] =
    place === undefined
      ? []
      : [{ member: '.', place, ...(as && { as }), ...(codes && { codes }), ...(unlisted && { unlisted }) }]
  const rules = [...innerRules(rule, inner), ...text].flatMap((one) => expand(one, inner))
  const loop: WrittenEach =
    members === undefined ? { each: under(way.place, groups), rules } : { each, into, append: true, rules }
  return [when === undefined ? loop : { ...loop, when }]
}

function valueRule(rule: WrittenPair, way: Way): WrittenRule[] {
  const { member, place, value, as, codes, unlisted } = rule
  const when = conditionFor(way, rule)
  const reads = way.direction === 'toCanonical'
  const at = as === 'text' && !reads ? asText(place) : place
  const [source, target] = ends(way, joined(way.member, member), under(way.place, at))
  if (value !== undefined) {
    // a constant of the message says nothing that is not known
    if (reads && member === undefined) return [{ ignore: source }]
    return (reads ? member : place) === undefined ? [] : [{ set: target, value, ...(when && { when }) }]
  }
  if (place === undefined || member === undefined) throw new PlaceError('expected `member` and `place`')
  const otherwise = reads ? rule.absent : rule.missing
  return [
    {
      set: target,
      from: source,
      ...(codes && { codes: reads ? codes : inverse(codes), unlisted: unlisted ?? 'refuse' }),
      ...(as === 'number' && reads && { number: {} }),
      ...(rule.max !== undefined && !reads && { text: { max: rule.max } }),
      ...(as === 'flag' && { flag: true }),
      ...(otherwise !== undefined && { otherwise }),
      ...(when && { when }),
    },
  ]
}

/** A single component as free text: it takes the characters of the receiver's charset, as many as there is room for. */
function asText(place: string | undefined): string | undefined {
  const found = /^(.*\/)?(\d{1,3}\*?)?(?:\.(\d{1,3}))?$/.exec(place ?? '')
  if (found === null) return place
  const [, way = '', element = '', component = '1'] = found
  return `${way}${element}.${component}-${component}`
}

/** Source and target, by the direction. */
function ends(way: Way, member: string, place: string): [string, string] {
  return way.direction === 'toCanonical' ? [place, member] : [member, place]
}

/** The first code that stands for a word is the one that is written. */
function inverse(codes: Readonly<Record<string, string>>): Record<string, string> {
  const words: Record<string, string> = {}
  for (const [code, word] of Object.entries(codes)) if (!Object.hasOwn(words, word)) words[word] = code
  return words
}

function joined(outer: string, inner: string | undefined): string {
  if (inner === undefined || inner === '') return outer
  if (outer === '' || inner.startsWith('/') || inner.startsWith('../') || inner.startsWith('@')) return inner
  return inner.startsWith('[') ? outer + inner : `${outer}.${inner}`
}

function under(outer: string, inner: string | undefined): string {
  if (inner === undefined || inner === '') return outer
  if (outer === '' || inner.startsWith('/') || inner.startsWith('../') || inner.startsWith('@')) return inner
  return `${outer}/${inner}`
}
