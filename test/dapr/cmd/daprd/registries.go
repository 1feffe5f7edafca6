package main

import (
	"github.com/dapr/components-contrib/state/etcd"
	inmemory "github.com/dapr/components-contrib/state/in-memory"
	postgresql "github.com/dapr/components-contrib/state/postgresql/v2"
	"github.com/dapr/components-contrib/state/redis"
	"github.com/dapr/components-contrib/state/sqlite"
	"github.com/dapr/dapr/pkg/components"
	"github.com/dapr/dapr/pkg/components/bindings"
	"github.com/dapr/dapr/pkg/components/configuration"
	"github.com/dapr/dapr/pkg/components/conversation"
	"github.com/dapr/dapr/pkg/components/crypto"
	"github.com/dapr/dapr/pkg/components/lock"
	middleware "github.com/dapr/dapr/pkg/components/middleware/http"
	"github.com/dapr/dapr/pkg/components/nameresolution"
	"github.com/dapr/dapr/pkg/components/pubsub"
	"github.com/dapr/dapr/pkg/components/secretstores"
	"github.com/dapr/dapr/pkg/components/state"
	"github.com/dapr/dapr/pkg/runtime/registry"
	"github.com/dapr/kit/logger"
)

// registries holds the built-in state stores that benchmarks compare with. The other kinds stay
// empty but must be there: the runtime asks each of them.
func registries() *registry.Options {
	stores := state.DefaultRegistry
	stores.Logger = logger.NewLogger("dapr.contrib")
	stores.RegisterComponent(inmemory.NewInMemoryStateStore, "in-memory")
	stores.RegisterComponent(sqlite.NewSQLiteStateStore, "sqlite")
	stores.RegisterComponent(redis.NewRedisStateStore, "redis")
	stores.RegisterComponentWithVersions("postgresql", onlyV2(postgresql.NewPostgreSQLStateStore))
	stores.RegisterComponentWithVersions("etcd", onlyV2(etcd.NewEtcdStateStoreV2))

	return registry.NewOptions().
		WithStateStores(stores).
		WithSecretStores(secretstores.DefaultRegistry).
		WithConfigurations(configuration.DefaultRegistry).
		WithLocks(lock.DefaultRegistry).
		WithPubSubs(pubsub.DefaultRegistry).
		WithNameResolutions(nameresolution.DefaultRegistry).
		WithBindings(bindings.DefaultRegistry).
		WithCryptoProviders(crypto.DefaultRegistry).
		WithHTTPMiddlewares(middleware.DefaultRegistry).
		WithConversations(conversation.DefaultRegistry)
}

func onlyV2(constructor any) components.Versioning {
	return components.Versioning{
		Preferred: components.VersionConstructor{Version: "v2", Constructor: constructor},
		Default:   "v2",
	}
}
