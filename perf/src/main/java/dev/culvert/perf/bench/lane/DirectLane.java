// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import dev.culvert.perf.bench.site.Site;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** TCP from namespace to namespace, with nothing between: what all others are compared with. */
public record DirectLane(Site site) implements Lane {
  /** Its name. */
  public static final String NAME = "direct";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String title() {
    return "Direct TCP";
  }

  @Override
  public Map<String, String> facts() {
    return Map.of("software", "the kernel", "tls", "none");
  }

  @Override
  public OpenLane open() {
    return new Open(site.plainClient(), site.plainServer());
  }

  private record Open(Side client, Side server) implements OpenLane {
    @Override
    public Endpoint to(Service service) {
      return new Endpoint(server.address(), service.port());
    }

    @Override
    public Optional<Proxies> proxies() {
      return Optional.empty();
    }

    @Override
    public Optional<Duration> startUp() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
