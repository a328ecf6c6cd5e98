# Tranche: builds the program and starts everything around it; `make help` lists the targets.
# Variants live side by side in build/<variant>/: release, asan (ASan + UBSan), faults (fault points compiled in).

ifeq ($(origin CC),default)
CC := gcc
endif
PORT   ?= 8080
VAR    ?= var
SERVER ?= lighttpd
export PORT VAR SERVER DATABASE

stack := tests/stack/stack.sh
suite := tests/stack/suite.sh

# --- flags ---------------------------------------------------------------------------------------

warnings := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wwrite-strings \
            -Wcast-qual -Wpointer-arith -Wswitch-enum -Wconversion -fno-common
ifneq ($(filter true,$(CI))$(filter 1,$(WERROR)),)
warnings += -Werror
endif
# The connector's headers are the system's: our warnings don't apply to them.
includes := -Isrc -isystem /usr/include/mariadb -D_GNU_SOURCE=
banned   := -include base/banned.h
hardened := -fstack-protector-strong -fPIE
ldflags  := -pie -Wl,-z,relro,-z,now,--as-needed
libs     := -lfcgi -lmariadb -ljansson -lsodium -lcsv -lssl -lcrypto -lm
# The program itself is one self-contained file: a host has none of the libraries, and a process is
# 2.5 MB smaller than with OpenSSL as a shared one. --no-warnings: glibc's note that getaddrinfo may
# load modules in a static program; main.c says which it may.
static   := -static-pie -Wl,-z,relro,-z,now,--gc-sections,--no-warnings
all_libs := $(libs) -lssl -lcrypto -lz

flags.release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
# Built for one run of the sweep: the compiler takes longer for -O2 than the sweep gains.
flags.faults  := -O1 -g -DTRANCHE_FAULTS
flags.asan    := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# Coverage for libFuzzer, which is clang's (make fuzz).
flags.fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
compile = $(CC) -std=c11 $(warnings) $(hardened) $(flags.$1) $(includes) $(CPPFLAGS) $(CFLAGS) -MMD -MP
link    = $(CC) $(hardened) $(flags.$1) $(ldflags) $(LDFLAGS)
# Sanitizers have no static runtime.
link_program = $(if $(filter asan,$1),$(link),$(CC) $(hardened) $(flags.$1) $(static) $(LDFLAGS))

# --- what is made of what ------------------------------------------------------------------------

sources := $(sort $(shell find src -name '*.c' ! -path src/main.c 2>/dev/null))
units   := $(basename $(notdir $(wildcard tests/unit/test_*.c)))
fuzzers := $(basename $(notdir $(wildcard tests/fuzz/fuzz_*.c)))
dbs     := $(basename $(notdir $(wildcard tests/db/test_*.c)))
# A suite's files that are not tests themselves are linked to each of its tests.
helpers  = $(patsubst %.c,build/$1/%.o,$(filter-out tests/$2/test_%,$(wildcard tests/$2/*.c)))

.PHONY: build test-programs
build: cgi-bin/tranche.fcgi build/release/tranchectl ## build the program and its maintenance tool
test-programs: build build/asan/tranche.fcgi build/faults/tranche.fcgi build/faults/tranchectl build/faults/sweep \
               $(units:%=build/release/unit/%) $(units:%=build/asan/unit/%) $(dbs:%=build/release/db/%)

cgi-bin/tranche.fcgi: build/release/tranche.fcgi
	@mkdir -p $(@D)
	install -m 755 $< $@

define variant
build/$1/libtranche.a: $(sources:%.c=build/$1/%.o) build/$1/openapi.o build/$1/migrations.o build/$1/denied.o
	rm -f $$@
	$$(AR) rcs $$@ $$^
build/$1/tranche.fcgi: build/$1/src/main.o build/$1/libtranche.a
	$$(call link_program,$1) -o $$@ $$^ $$(all_libs)
build/$1/tranchectl: build/$1/tests/stack/ctl.o build/$1/libtranche.a
	$$(call link,$1) -o $$@ $$^ $$(libs)
$(units:%=build/$1/unit/%): build/$1/unit/%: build/$1/tests/unit/%.o $(call helpers,$1,unit) build/$1/libtranche.a
	@mkdir -p $$(@D)
	$$(call link,$1) -o $$@ $$^ -lcmocka $$(libs)
$(dbs:%=build/$1/db/%): build/$1/db/%: build/$1/tests/db/%.o $(call helpers,$1,db) build/$1/libtranche.a
	@mkdir -p $$(@D)
	$$(call link,$1) -o $$@ $$^ -lcmocka $$(libs)
build/$1/openapi.o build/$1/migrations.o build/$1/denied.o: build/$1/%.o: build/%.c
	@mkdir -p $$(@D)
	$$(call compile,$1) -c -o $$@ $$<
build/$1/src/%.o: src/%.c Makefile
	@mkdir -p $$(@D)
	$$(call compile,$1) $(banned) -c -o $$@ $$<
build/$1/tests/%.o: tests/%.c Makefile
	@mkdir -p $$(@D)
	$$(call compile,$1) -Wno-unused-parameter -c -o $$@ $$<
endef
build/fuzz/fuzz_%: build/fuzz/tests/fuzz/fuzz_%.o build/fuzz/libtranche.a
	$(call link,fuzz) -fsanitize=fuzzer -o $@ $^ $(libs)
build/faults/sweep: $(patsubst %.c,build/faults/%.o,$(wildcard tests/faults/*.c)) build/faults/libtranche.a
	$(call link,faults) -o $@ $^ $(libs)
# The OpenAPI document, the migrations and the passwords that nobody may have become part of the program.
build/migrations.c: tests/stack/embed.sh $(sort $(wildcard sql/*.sql))
	@mkdir -p $(@D)
	$^ >$@.$$$$ && mv $@.$$$$ $@
build/denied.c: tests/stack/denied.mjs package-lock.json | node_modules/.installed
	@mkdir -p $(@D)
	node $< >$@.$$$$ && mv $@.$$$$ $@
build/openapi.c: src/web/openapi.json
	@mkdir -p $(@D)
	{ printf '#include "web/openapi.h"\nconst unsigned char openapi_json[] = {\n'; od -An -v -tu1 $< | \
	  sed 's/[0-9][0-9]*/&,/g'; printf '};\nconst size_t openapi_json_len = sizeof openapi_json;\n'; } >$@
$(foreach v,release asan faults fuzz,$(eval $(call variant,$v)))
.SECONDARY:
-include $(shell find build -path build/roots -prune -o -name '*.d' -print 2>/dev/null)

# --- front end -----------------------------------------------------------------------------------

.PHONY: assets
assets: $(if $(wildcard src/browser/build.mjs),build/assets.stamp) ## bundle the front end into htdocs/assets
build/assets.stamp: node_modules/.installed $(shell find src/browser -type f 2>/dev/null) src/web/openapi.json htdocs/help/limits.html
	node src/browser/build.mjs
	@mkdir -p $(@D) && touch $@
# Anew when what is wanted is another thing, not when a checkout has given the file another date.
node_modules/.installed: package-lock.json
	@cmp -s $< $@ || npm ci --no-audit --no-fund
	@cp $< $@

# --- running -------------------------------------------------------------------------------------

.PHONY: install run start stop token
install:
	@tests/stack/install.sh run
run: install ## start everything on 127.0.0.1:$PORT (SERVER=lighttpd|apache|apache-cgi) until Ctrl-C
	@$(MAKE) --no-print-directory -j2 build assets
	@exec $(stack) run
start: install ## the same in the background
	@$(MAKE) --no-print-directory -j2 build assets
	@$(stack) start
stop: ## stop what `make start` started
	@$(stack) stop
token: ## print a fresh API token with all permissions
	@$(stack) token

# --- checking ------------------------------------------------------------------------------------

.PHONY: test unit unit-asan dbtest webtest browsertest check-sql check-layers lint tidy cppcheck faults cluster-test bench fuzz scan
test: ## install what is missing, build, and run every check and suite
	@$(suite) install build layers dist beside:faults-short beside:web beside:browser beside:lint unit unit-asan sql db
unit: ## unit tests; no database
	@$(suite) build unit
unit-asan: ## unit tests under ASan and UBSan
	@$(suite) build unit-asan
dbtest: ## engine and stores against a private server (DATABASE=mariadb-10.5|mariadb-11.8|mysql-9: that one, and short faults)
	@$(suite) build $(if $(DATABASE),other-db,db)
webtest: ## the program behind lighttpd, Apache with mod_fcgid, Apache with plain CGI
	@$(suite) build web
browsertest: ## Chromium
	@$(suite) build browser
faults: ## the long fault sweep
	@$(suite) install build faults-long
fuzz: ## every fuzz target for FUZZ_S seconds (60); what it finds is in $VAR/fuzz
	@tests/stack/install.sh fuzz
	@$(MAKE) --no-print-directory -j2 CC=clang $(fuzzers:%=build/fuzz/%)
	@set -e; for target in $(fuzzers); do \
	  mkdir -p "$(VAR)/fuzz/$$target/new"; echo "$$target"; \
	  build/fuzz/$$target -max_total_time=$(or $(FUZZ_S),60) -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
	    -artifact_prefix="$(VAR)/fuzz/$$target/" "$(VAR)/fuzz/$$target/new" tests/fuzz/corpus/$$target; done
	@echo "nothing found"
scan: build assets ## Debian's sqlmap and wapiti against a stack of its own on 127.0.0.1, and against planted faults
	@tests/stack/install.sh scan
	@VAR=$(VAR)/scan tests/scan/run.sh
cluster-test: ## two processes on a Galera cluster of three, a node killed in the middle
	@$(suite) build cluster
bench: ## measure, next to PHP and to the database's own limit
	@tests/stack/install.sh bench
	@$(MAKE) --no-print-directory -j2 test-programs assets
	@DB_MODE=bench VAR=$(VAR)/bench tests/bench/run.sh
check-sql: ## prepare every statement against the schema
	@$(suite) build sql
check-layers: build/release/libtranche.a build/release/src/main.o ## who may include whom (src/LAYERS), and no name twice
	@awk -f tests/stack/layers.awk src/LAYERS $$(find src -name '*.[ch]' | sort)
	@nm -A -g --defined-only $^ | awk -f tests/stack/names.awk
lint: tidy cppcheck ## clang-tidy and cppcheck
# How far the analyzer follows the paths of one function: 2 minutes of CPU. 50000 take twice as much, its own limit of 225000
# ten minutes (make tidy TIDY_NODES=225000, before a release).
TIDY_NODES ?= 20000
tidy:
	@find src tests/stack -name '*.c' | sort | xargs -P2 -n4 sh -c 'clang-tidy --quiet "$$@" -- -std=c11 $(includes) $(banned) \
	  -Xclang -analyzer-config -Xclang max-nodes=$(TIDY_NODES)' tidy
cppcheck:
	@cppcheck --quiet -j2 --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	  --suppress=missingIncludeSystem -Isrc src tests/stack/ctl.c

.PHONY: dist dist-test
dist: ## the release to upload to a host: build/tranche-VERSION.zip
	@tests/stack/install.sh dist
	@$(MAKE) --no-print-directory -j2 build assets
	@tests/stack/dist.sh
dist-test: dist ## the release in empty and foreign surroundings, on every web server and database
	@tests/stack/install.sh hosts
	@tests/dist/run.sh all

.PHONY: clean help
clean: ## remove what was built (not $VAR)
	rm -rf build cgi-bin/tranche.fcgi
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' Makefile
.DEFAULT_GOAL := help
