# Called by `sam build` (BuildMethod: makefile): copies the bundle of `npm run build` to ARTIFACTS_DIR. The sample
# inventory (8 kB) is included, because `sam local invoke --env-vars events/env.json` reads it from the package.
.PHONY: build-Function

build-Function: node_modules/.package-lock.json
	npm run --silent build
	cp dist/index.mjs dist/index.mjs.map "$(ARTIFACTS_DIR)/"
	if [ -d dist/chunks ]; then cp -R dist/chunks "$(ARTIFACTS_DIR)/"; fi
	mkdir -p "$(ARTIFACTS_DIR)/events"
	cp events/directory.json "$(ARTIFACTS_DIR)/events/"

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund
