/** The job that `nodrop init --ci gitlab` writes. */
import { nameWorkflow, toRootPath } from './github-workflow.ts'
import type { CiOptions } from './github-workflow.ts'
import { kindVersion } from './pinned-actions.ts'

/** The text of `nodrop.gitlab-ci.yml`, which `.gitlab-ci.yml` includes. */
export function renderGitlabPipeline(options: CiOptions): string {
  const { hasTarget, folder } = options
  const reports = toRootPath(options, 'nodrop-report')
  const enter = folder === '' ? '' : `    - cd ${folder}\n`
  return `# Written by nodrop init --ci gitlab; .gitlab-ci.yml includes it: include: [{ local: ${toRootPath(options, 'nodrop.gitlab-ci.yml')} }]
# In a scheduled pipeline: what nodrop.config has is disrupted on a kind cluster, and held against the baseline.
# kind runs in the job's own container: the runner must be privileged, as those of gitlab.com are.
${nameWorkflow(options)}:
  image: node:24-trixie
  timeout: 2h
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - if: $CI_PIPELINE_SOURCE == "web"
  variables:
    ROUNDS: '10'
  cache:
    - key: ${nameWorkflow(options)}-npm
      paths: [${toRootPath(options, '.npm')}]
    # One small file for each comparison, from which the trend is drawn.
    - key: ${nameWorkflow(options)}-history
      paths: [${reports}/history]
      when: always
  before_script:
    - apt-get update -qq
    - apt-get install -y -qq --no-install-recommends docker.io golang-go iptables
    - GOBIN=/usr/local/bin go install sigs.k8s.io/kind@${kindVersion}
    - (dockerd > dockerd.log 2>&1 &)
    - timeout 60 sh -c 'until docker info > /dev/null 2>&1; do sleep 1; done'
${enter}    - npm ci --cache .npm --prefer-offline
${hasTarget ? deploySteps : ''}  script:
    - baseline=()
    # To make a comparison the baseline: nodrop baseline save DIR --to nodrop-baseline.json, and commit the file.
    - if [ -f nodrop-baseline.json ]; then baseline=(--baseline nodrop-baseline.json); fi
    - npx nodrop run ${hasTarget ? '--context kind-nodrop --driver-image node:24-slim' : '--cluster kind'} --rounds "$ROUNDS" --out nodrop-report/runs "\${baseline[@]}"
  after_script:
${enter}    - dir=$(find nodrop-report/runs -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)
    - since=()
    - if [ -f nodrop-baseline.json ]; then since=(--baseline nodrop-baseline.json); fi
    # The body of an issue or of a comment on a merge request.
    - npx nodrop export "$dir" --format comment "\${since[@]}" > nodrop-report/comment.md
    - npx nodrop baseline save "$dir" --to "nodrop-report/history/$(basename "$dir").json"
    - npx nodrop history nodrop-report/history
  artifacts:
    when: always
    expire_in: 30 days
    paths: [${reports}, dockerd.log]
    reports:
      junit: ${reports}/runs/*/junit.xml
`
}

const deploySteps = `    - kind create cluster --name nodrop --wait 5m
    # Change this step: deploy your workload; images in no registry are loaded with kind load docker-image.
    - kind get kubeconfig --name nodrop > kubeconfig && export KUBECONFIG=$PWD/kubeconfig
    - tar c deploy | docker exec -i nodrop-control-plane tar x -C /tmp
    - docker exec nodrop-control-plane kubectl --kubeconfig /etc/kubernetes/admin.conf apply --kustomize /tmp/deploy
`
