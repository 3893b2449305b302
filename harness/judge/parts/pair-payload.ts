/** The data with which the page's script compares any two configurations. */
import { hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Deployed } from '../../model/deployed.ts'
import { findDeployed } from '../diff/configuration-diffs.ts'
import { listDocuments } from '../diff/deployed-diff.ts'
import { escapeJson, html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { listColumns } from '../tables/comparison-columns.ts'

/** The content of the `<script type="application/json" data-pairs>`. */
export interface PairPayload {
  /** Names of the figures. */
  headings: string[]
  sides: PairSide[]
}

export interface PairSide {
  /** Unique within the comparison, because links contain it. */
  key: string
  figures: string[]
  /** Deployed objects by name, as lines of YAML; `null` where no run recorded what it deployed. */
  documents: [name: string, lines: string[]][] | null
}

/** Two menus and the place for the result; nothing for fewer than two rows. */
export function renderPairs(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): Html | false {
  if (rows.length < 2) return false
  return html`<section class="pairs with-script" id="compare" tabindex="-1" aria-labelledby="compare-title">
    <h3 id="compare-title">Any two configurations side by side</h3>
    <div data-pairs-view></div>
    <script type="application/json" data-pairs>
      ${escapeJson(createPairPayload(rows, runs))}
    </script>
  </section>`
}

export function createPairPayload(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): PairPayload {
  const columns = listColumns('markdown', rows).filter(({ key }) => key !== 'configuration')
  const showPlace = hasSeveralPlaces(rows)
  return {
    headings: columns.map(({ heading }) => heading),
    sides: rows.map((row) => ({
      key: showPlace ? `${row.configuration} · ${row.scenario} · ${row.cluster}` : row.configuration,
      figures: columns.map(({ text, notes }) => [text(row), ...(notes?.(row) ?? [])].join(', ')),
      documents: splitDocuments(findDeployed(row, runs)),
    })),
  }
}

function splitDocuments(deployed: Deployed | undefined): PairSide['documents'] {
  if (deployed === undefined) return null
  return [...listDocuments(deployed)].map(([name, text]) => [name, text === '' ? [] : text.trimEnd().split('\n')])
}
