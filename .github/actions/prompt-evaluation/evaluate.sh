#!/usr/bin/env bash
# Lints prompts and suites and evaluates what the change touches against BASE, into OUT; exits with the verdict's status.
# Without the endpoint's key (a fork gets no secrets) the bundled simulator answers. Called by the composite action beside
# it and by deploy/azure-pipelines/prompts.yml; every value comes in by the environment, none by the text of a script.
set -eu
matria="${MATRIA:-.venv/bin/matria}"
out="${OUT:-var/verdict}"
# A branch's name could also be that of a folder or a tag which the change brings; a commit's hash could not.
base="$(git rev-parse --verify --quiet --end-of-options "$BASE^{commit}")" || {
  echo "This checkout holds no commit '$BASE': check out the whole history (fetch-depth 0)." >&2
  exit 11
}
rm -rf -- "$out"  # a verdict of an earlier commit must not be taken for this one's

# A variable that a pipeline does not have arrives empty, or on Azure Pipelines as its own $(NAME).
for name in $(compgen -A variable | grep -E '^(MATRIA_|MAX_COST$)'); do
  case "${!name}" in '' | '$('*')') unset "$name" ;; esac
done

parts="KIND MODEL BASE_URL API_KEY API_VERSION PRICED_AS"
if [ -z "${MATRIA_CHAT__API_KEY:-}" ]; then
  for part in $parts; do unset "MATRIA_CHAT__$part" "MATRIA_JUDGE__$part"; done
  unset MATRIA_TRACKING__URI  # simulated answers are no record worth keeping
  echo "No key for a chat model here (a fork gets none): the bundled simulator answers, and the verdict says so."
elif [ -z "${MATRIA_JUDGE__API_KEY:-}" ]; then  # a simulated judge cannot read a real model's answers
  for part in $parts; do
    name="MATRIA_CHAT__$part"
    [ -z "${!name:-}" ] || export "MATRIA_JUDGE__$part=${!name}"
  done
fi

record=""
[ -n "${MATRIA_TRACKING__URI:-}" ] || record="--no-record"  # a record on this machine would go with it

status=0
"$matria" prompt lint --against "$base" || status=$?
"$matria" suite lint || status=$?
verdict=0
"$matria" eval --against "$base" --out "$out" --max-cost "${MAX_COST:-10}" $record || verdict=$?
[ "$verdict" = 0 ] || exit "$verdict"
exit "$status"
