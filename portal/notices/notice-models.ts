import { limits } from '#hub/base/limits.ts'
import type { Client } from '#hub/store/connect.ts'
import type { Viewer } from '#hub/store/find.ts'
import { openNotices, type Notice } from '#hub/store/notice.ts'
import type { PersonVisit } from '../people/visit.ts'
import type { Words } from '../words.ts'

interface NoticeModel {
  code: string
  text: string
  detail: string
  /** The documents it is about; null where it is about none. */
  href: string | null
}

/** What somebody who looks has to be told: the people of the hub, or those of a partner. */
export async function noticeModels(
  client: Client,
  viewer: Viewer,
  { words, now }: Pick<PersonVisit, 'words' | 'now'>,
): Promise<NoticeModel[]> {
  const audience = viewer === '*' ? null : viewer
  const notices = await openNotices(client, { audience, limit: limits.overviewRows })
  return notices.map((notice) => noticeModel(notice, words, now))
}

function noticeModel(
  { kind, code, facts, count, held, openedAt }: Notice,
  words: Words,
  now: Date,
): NoticeModel {
  const { t } = words
  const named = facts.named ? `${facts.named.scheme} ${facts.named.value}` : t('notice.nobody')
  const since = words.moment(openedAt, now)
  return {
    code,
    text: words.code(code)?.what ?? code,
    detail:
      kind === 'unroutable'
        ? t('notice.unroutable', {
            type: facts.type ?? '',
            named,
            n: words.number(count),
            held: words.number(held),
            since,
          })
        : t(kind === 'silence' ? 'notice.silence' : 'notice.late', {
            agreement: facts.agreement ?? '',
            type: facts.type ?? '',
            since,
          }),
    href: kind === 'unroutable' ? `/p/documents?code=${encodeURIComponent(code)}` : null,
  }
}
