import type { AllowanceCharge } from '#hub/canonical/index.ts'
import type { SegmentGroup } from '#hub/formats/edifact/index.ts'
import { compact, compactList } from '#mappings/engine/compact.ts'
import { triggered, type EdifactReading } from './edifact-reading.ts'
import { number, strict, type EdifactWriting } from './edifact-writing.ts'

/*
 * Allowances and charges: the ALC group of the header or of a line, with its PCD (percentage) and MOA (8 the amount, 23
 * of a charge, 204 of an allowance, 25 the base), from and to canonical.
 */

export function allowanceChargesFrom(
  edi: EdifactReading,
  group: SegmentGroup,
  currency: string | undefined,
): AllowanceCharge[] | undefined {
  return compactList(triggered(group, 'ALC', 'A', 'C').map((one) => allowanceChargeFrom(edi, one, currency)))
}

function allowanceChargeFrom(
  edi: EdifactReading,
  group: SegmentGroup,
  currency: string | undefined,
): AllowanceCharge | undefined {
  const alc = edi.one(group, 'ALC')
  const percentage = triggered(group, 'PCD')[0]
  const amounts = triggered(group, 'MOA', '8', '23', '204')[0]
  return compact<AllowanceCharge>({
    chargeIndicator: edi.text(alc, 1) === 'C',
    allowanceChargeReasonCode: edi.text(alc, 5, 1),
    allowanceChargeReason: edi.lines(alc, 5, 4, 5),
    multiplierFactorNumeric: edi.decimal(edi.one(percentage, 'PCD'), 1, 2),
    amount: edi.amount(amounts, ['8', '23', '204'], currency),
    baseAmount: edi.amount(triggered(group, 'MOA', '25')[0], ['25'], currency),
  })
}

export function addAllowanceCharge(
  edi: EdifactWriting,
  of: AllowanceCharge,
  currency: string | undefined,
): void {
  const reason = edi.lines(of.allowanceChargeReason, 35, 2)
  const code = strict(of.allowanceChargeReasonCode, 3, 'reason of an allowance or charge')
  edi.add('ALC', of.chargeIndicator ? 'C' : 'A', null, null, null, [code, null, null, ...reason])
  if (of.multiplierFactorNumeric !== undefined) edi.add('PCD', ['3', number(of.multiplierFactorNumeric, 10)])
  edi.amount('8', of.amount, currency)
  edi.amount('25', of.baseAmount, currency)
}
