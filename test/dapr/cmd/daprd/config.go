package main

import (
	"github.com/dapr/dapr/cmd/daprd/options"
	"github.com/dapr/dapr/pkg/runtime"
)

// configFrom carries daprd's flags over to the runtime, which has no function of its own for it.
// Flags of Kubernetes mode, profiling and deprecated ones are left out: no test here sets them.
func configFrom(o *options.Options) *runtime.Config {
	return &runtime.Config{
		// Who this daprd is and what it loads.
		AppID:         o.AppID,
		Mode:          o.Mode,
		Config:        o.Config,
		ResourcesPath: o.ResourcesPath,
		Registry:      registries(),

		// The API that the application calls.
		DaprHTTPPort:                  o.DaprHTTPPort,
		DaprAPIGRPCPort:               o.DaprAPIGRPCPort,
		DaprAPIListenAddresses:        o.DaprAPIListenAddresses,
		DaprInternalGRPCPort:          o.DaprInternalGRPCPort,
		DaprInternalGRPCListenAddress: o.DaprInternalGRPCListenAddress,
		DaprPublicPort:                o.DaprPublicPort,
		ProfilePort:                   o.ProfilePort,
		UnixDomainSocket:              o.UnixDomainSocket,
		AllowedOrigins:                o.AllowedOrigins,
		MaxRequestSize:                o.MaxRequestSize,
		ReadBufferSize:                o.ReadBufferSize,
		EnableAPILogging:              o.EnableAPILogging,
		DisableInitEndpoints:          o.DisableInitEndpoints,

		// The application that the sidecar calls.
		AppProtocol:            o.AppProtocol,
		ApplicationPort:        o.AppPort,
		AppChannelAddress:      o.AppChannelAddress,
		AppMaxConcurrency:      o.AppMaxConcurrency,
		EnableAppHealthCheck:   o.EnableAppHealthCheck,
		AppHealthCheckPath:     o.AppHealthCheckPath,
		AppHealthProbeInterval: o.AppHealthProbeInterval,
		AppHealthProbeTimeout:  o.AppHealthProbeTimeout,
		AppHealthThreshold:     o.AppHealthThreshold,

		// Placement for actors, the scheduler for reminders and workflows.
		ActorsService:              o.ActorsService,
		ActorsDisseminationTimeout: o.ActorsDisseminationTimeout,
		SchedulerAddress:           o.SchedulerAddress,
		SchedulerStreams:           o.SchedulerJobStreams,

		HotReloadReconcileInterval:  o.HotReloadReconcileInterval,
		DaprGracefulShutdownSeconds: o.DaprGracefulShutdownSeconds,
		DaprBlockShutdownDuration:   o.DaprBlockShutdownDuration,
	}
}
