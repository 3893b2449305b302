/** A verification for programs. */
import type { StageResult } from '../../proof/verify/compare-logs.ts'
import { countInventedOk, listStages, sumStages } from '../../proof/verify/totals.ts'
import type { Verification } from '../../proof/verify/verify.ts'

export function toVerificationJson(verification: Verification, seed: number): Record<string, unknown> {
  const { mix, cuts, overload, requests, freeze, fuzz, neighbours } = verification
  return {
    requests: mix.planned,
    seed,
    accountingError: sumStages(verification, 'accountingError'),
    misclassified: sumStages(verification, 'misclassified'),
    duplicates: sumStages(verification, 'duplicates'),
    inventedOk: listStages(verification).reduce((sum, stage) => sum + countInventedOk(stage), 0),
    lagP50Us: mix.lag.p50Us,
    lagP99Us: mix.lag.p99Us,
    lagMaxUs: mix.lag.maxUs,
    kinds: mix.rows.map(({ kind, right, injected, cells, counted, wrong }) => {
      return { kind, right, injected, cells, counted, wrong }
    }),
    stages: {
      mix: toStageJson(mix),
      cuts: toStageJson(cuts),
      overload: toStageJson(overload),
      requests: toStageJson(requests),
      freeze: freeze && toStageJson(freeze),
    },
    listed: requests.requests,
    freeze: freeze && {
      frozenMs: freeze.frozenUs / 1000,
      serviceUs: Math.round(freeze.serviceUs),
      p99Us: { measured: freeze.measured.p99Us, expected: Math.round(freeze.expected.p99Us) },
      overOneSecond: {
        measured: freeze.measured.overOneSecond,
        expected: Math.round(freeze.expected.overOneSecond),
      },
      off: Number(freeze.off.toFixed(4)),
    },
    fuzz,
    neighbours,
  }
}

function toStageJson(stage: StageResult): unknown {
  const { planned, sent, notSent, ok, lost, tooLate, accountingError, misclassified, duplicates } = stage
  return { planned, sent, notSent, ok, lost, tooLate, accountingError, misclassified, duplicates }
}
