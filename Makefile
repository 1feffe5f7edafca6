# Two targets do everything: `make run` serves ./plugins, `make test` runs every test.
.PHONY: run test bench build clean

run: build
	@npm run --silent serve

test: node_modules/.installed
	@npm run --silent test

bench: build
	@npm run --silent bench

build: node_modules/.installed
	@npm run --silent build

# The machine's npm fetches the project's own Node; everything after runs on that.
node_modules/.installed: package.json package-lock.json
	npm ci
	@touch $@

clean:
	rm -rf node_modules dist src/gen plugins/*/build test/guests/*/build
