import type { CheckedMessage, ResolvedMessage, Step } from './stages.ts'

/** Holds a message against its directory or schema and the guide of the sender's profile. Warnings let it pass. */
export const check: Step<ResolvedMessage, CheckedMessage> = {
  name: 'check',
  faultCode: 'readerFailed',
  run: (resolved) => {
    const { message, format, resolution } = resolved
    const agreed = resolution.profile.guide
    const guide = agreed === '*' ? message.guide : agreed
    const findings = [...message.findings, ...format.check(message, guide === '' ? {} : { guide })]
    if (findings.some((finding) => finding.severity === 'error'))
      return { kind: 'reject', code: 'messageFaulty', findings }
    return { kind: 'next', value: { ...resolved, findings }, known: { findings } }
  },
}
