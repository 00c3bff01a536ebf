import type { Candidate, ResolvedAgreement } from '#hub/model/agreement.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { Reason } from '#hub/model/reasons.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'
import type { Resolved, RoutedDocument, Tools } from './stages.ts'

/** What content says about the agreements that fit: those it takes, and why it does not take the others. */
export interface Routes {
  taken: ResolvedAgreement[]
  refused: Candidate[]
}

/** Whether there is something to choose or to part; most documents have one agreement without conditions. */
export function hasRoutes(
  { resolution: { agreements } }: RoutedDocument,
  { only }: DocumentVersions,
): boolean {
  return (
    only !== undefined || agreements.length > 1 || agreements.some(({ terms }) => terms.when !== undefined)
  )
}

/**
 * The agreements whose conditions hold. One for any receiver stands back where one with this very receiver holds, and
 * copies go along with what else goes. `only`: what a part of a fan-out is for.
 */
export function chooseRoutes(
  { agreements }: Resolved,
  canonical: CanonicalDocument,
  { only }: DocumentVersions,
  { mappings }: Pick<Tools, 'mappings'>,
): Routes {
  const refused: Candidate[] = []
  const refuse = ({ key, version }: ResolvedAgreement, why: Reason): false => {
    refused.push({ kind: 'agreement', key: `${key} version ${version}`, refused: why })
    return false
  }
  const meant = only === undefined ? agreements : agreements.filter(({ key }) => only.includes(key))
  const holding = meant.filter((agreement) => {
    if (agreement.terms.when === undefined) return true
    try {
      const condition = mappings.condition(canonical.type, agreement.terms.when)
      return (
        condition.holds(canonical) ||
        refuse(agreement, { reason: 'conditionFailed', text: condition.says(canonical) })
      )
    } catch (error) {
      // a condition of other rules than those of this version of the hub
      return refuse(agreement, { reason: 'conditionUnread', text: messageOf(error) })
    }
  })
  // what a part is for was chosen when it was parted
  if (only !== undefined) return { taken: holding, refused }
  const particular = holding.some(({ fallback, terms }) => fallback !== true && terms.takes !== 'copy')
  const routes = holding.filter(({ terms }) => terms.takes !== 'copy')
  const taken = holding.filter((agreement) => {
    if (agreement.fallback === true && particular) return refuse(agreement, { reason: 'particularFirst' })
    if (agreement.terms.takes === 'copy' && routes.length === 0)
      return refuse(agreement, { reason: 'copyAlone' })
    return true
  })
  return { taken, refused }
}
