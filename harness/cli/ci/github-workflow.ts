/** The workflow that `nodrop init --ci github` writes. */
import { pinnedActions } from './pinned-actions.ts'

/** What is measured: configurations in the folder, which nodrop deploys, or a workload that the workflow deploys. */
export interface CiOptions {
  hasTarget: boolean
  /** The folder of the settings, relative to the root of the repository: `services/shop`; empty at the root. */
  folder: string
}

/** A path in the folder, relative to the root. */
export function toRootPath({ folder }: Pick<CiOptions, 'folder'>, path: string): string {
  return folder === '' ? path : `${folder}/${path}`
}

/** `nodrop`, or for a folder below the root `nodrop-services-shop`. */
export function nameWorkflow({ folder }: Pick<CiOptions, 'folder'>): string {
  return toRootPath({ folder: 'nodrop' }, folder).replaceAll('/', '-').replace(/-$/, '')
}

/** The text of a file in `.github/workflows`. */
export function renderGithubWorkflow(options: CiOptions): string {
  const { hasTarget, folder } = options
  return `${header.replace('name: nodrop', `name: ${nameWorkflow(options)}`)}
permissions: {}

# A night that takes long is not cut short by the next one.
concurrency:
  group: ${nameWorkflow(options)}

jobs:
  measure:
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    permissions:
      contents: read
    env:
      ROUNDS: \${{ inputs.rounds || '10' }}
${folder === '' ? '' : renderDefaults(folder)}    steps:
      - uses: ${pinnedActions['actions/checkout']}
        with:
          persist-credentials: false
      - uses: ${pinnedActions['actions/setup-node']}
        with:
          node-version: 24
          cache: npm
${folder === '' ? '' : lockfile}      - run: npm ci
      # One small file for each night, from which the trend is drawn.
      - uses: ${pinnedActions['actions/cache/restore']}
        with:
          path: ${toRootPath(options, 'nodrop-report/history')}
          key: nodrop-history-\${{ github.run_id }}-\${{ github.run_attempt }}
          restore-keys: nodrop-history-
${hasTarget ? deploySteps : ''}      - name: Measure
        run: |
          baseline=()
          # To make a comparison the baseline: nodrop baseline save DIR --to nodrop-baseline.json, and commit the file.
          if [ -f nodrop-baseline.json ]; then baseline=(--baseline nodrop-baseline.json); fi
          npx nodrop run ${hasTarget ? '--context kind-nodrop --driver-image node:24-slim' : '--cluster kind'} --rounds "$ROUNDS" --out nodrop-report/runs "\${baseline[@]}"
${renderSummarySteps('nodrop-baseline.json', 'nodrop-report', folder)}
${issueJob}`
}

const header = `# Written by nodrop init --ci github. Every night: what nodrop.config has is disrupted on a kind cluster, and held against the baseline.
name: nodrop
on:
  schedule:
    - cron: '23 2 * * *'
  workflow_dispatch:
    inputs:
      rounds:
        description: How often each configuration is disrupted
        default: '10'
`

/** For steps that run commands; in other steps paths are relative to the root. */
function renderDefaults(folder: string): string {
  return `    defaults:
      run:
        working-directory: ${folder}
`
}

/** npm's, of the folder or of its workspace. */
const lockfile = `          cache-dependency-path: '**/package-lock.json'
`

const deploySteps = `      - name: Deploy what is measured
        run: |
          kind create cluster --name nodrop --wait 5m
          # Change this step: deploy your workload; images in no registry are loaded with kind load docker-image.
          kubectl --context kind-nodrop apply --kustomize deploy
          kubectl --context kind-nodrop wait --for=condition=Available --all --all-namespaces --timeout=5m deployment
`

/** The steps after the measurement, in `folder` of the repository. `reports`: the folder of runs, history and the comment. */
export function renderSummarySteps(baseline: string, reports: string, folder = ''): string {
  const kept = toRootPath({ folder }, reports)
  return `      - name: Summarise
        if: \${{ !cancelled() }}
        run: |
          dir=$(find ${reports}/runs -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)
          since=()
          if [ -f ${baseline} ]; then since=(--baseline ${baseline}); fi
          npx nodrop export "$dir" --format markdown "\${since[@]}" >> "$GITHUB_STEP_SUMMARY"
          npx nodrop export "$dir" --format comment "\${since[@]}" > ${reports}/comment.md
          npx nodrop export "$dir" --format github-annotations "\${since[@]}"
      - name: Draw the history
        if: \${{ !cancelled() }}
        run: |
          dir=$(find ${reports}/runs -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)
          npx nodrop baseline save "$dir" --to "${reports}/history/$(basename "$dir").json"
          npx nodrop history ${reports}/history
      # Here, since a job that fails saves no cache by itself, and a failed run is part of the trend.
      - uses: ${pinnedActions['actions/cache/save']}
        if: \${{ !cancelled() }}
        with:
          path: ${kept}/history
          key: nodrop-history-\${{ github.run_id }}-\${{ github.run_attempt }}
      # Report, JUnit and logs of every run; the history; the body of a comment.
      - uses: ${pinnedActions['actions/upload-artifact']}
        if: \${{ !cancelled() }}
        with:
          name: nodrop
          path: |
            ${kept}/runs
            ${kept}/history
            ${kept}/comment.md
          retention-days: 30
`
}

/** No step that runs code of the measurement has permission to write. */
export const issueJob = `  # A failed run is reported in one issue, which stays open until it is closed by hand.
  report:
    needs: measure
    if: \${{ failure() && github.event_name == 'schedule' }}
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      issues: write
    steps:
      # Where nothing could be measured there is none, and that is to be told too.
      - uses: ${pinnedActions['actions/download-artifact']}
        continue-on-error: true
        with:
          name: nodrop
      - name: Open an issue, or add to the one that is open
        env:
          GH_TOKEN: \${{ github.token }}
          GH_REPO: \${{ github.repository }}
          RUN: \${{ github.server_url }}/\${{ github.repository }}/actions/runs/\${{ github.run_id }}
        run: |
          [ -s comment.md ] || echo "No comparison was made: $RUN" > comment.md
          gh label create nodrop --description 'Requests lost while pods are replaced' 2>/dev/null || true
          number=$(gh issue list --label nodrop --state open --limit 1 --json number --jq '.[].number')
          if [ -n "$number" ]; then
            gh issue comment "$number" --body-file comment.md
          else
            gh issue create --title 'nodrop: the nightly run failed' --label nodrop --body-file comment.md
          fi
`
