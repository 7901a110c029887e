// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.cli.lab.JavaCommand;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Through Culvert: the client connects to the server as if nothing were between. */
final class CulvertLane implements Lane {
  private static final Duration END = Duration.ofSeconds(15);
  private static final String CLIENT = "client";

  private final Mesh mesh;
  private final String name;
  private final String title;
  private final String server;
  private final String congestionControl;
  private final String sameNode;
  private final Map<String, String> said = new LinkedHashMap<>();

  private CulvertLane(
      Mesh mesh,
      String name,
      String title,
      String server,
      String congestionControl,
      String sameNode) {
    this.mesh = mesh;
    this.name = name;
    this.title = title;
    this.server = server;
    this.congestionControl = congestionControl;
    this.sameNode = sameNode;
  }

  static List<Lane> of(Mesh mesh) {
    return List.of(
        new CulvertLane(mesh, "culvert", "Culvert, cross node", "server", "reno", "proxy"),
        new CulvertLane(
            mesh, "culvert-same-node", "Culvert, same node", "neighbour", "reno", "proxy"),
        new CulvertLane(
            mesh, "culvert-kernel", "Culvert, kernel to kernel", "neighbour", "reno", "kernel"),
        new CulvertLane(mesh, "culvert-bbr", "Culvert, BBR", "server", "bbr", "proxy"));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String title() {
    return title;
  }

  /** What its ztunnel said of itself when it last ran. */
  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>(said);
    facts.put("software", "Culvert, this checkout, on Java " + Runtime.version());
    facts.put("linked ahead of time", JavaCommand.isLinkedAhead("ztunnel") ? "yes" : "no");
    facts.put("congestion control", congestionControl);
    return facts;
  }

  @Override
  public OpenLane open() throws IOException {
    Site site = mesh.site();
    site.congestionControl(congestionControl);
    LabPod near = site.pod(CLIENT);
    LabPod far = site.pod(server);
    long begin = System.nanoTime();
    List<LabProcess> ztunnels = new ArrayList<>();
    ztunnels.add(mesh.startZtunnel(near, Site.CLIENT_CORE, sameNode));
    if (!far.node().equals(near.node())) {
      ztunnels.add(mesh.startZtunnel(far, Site.SERVER_CORE, sameNode));
      mesh.await(far, ztunnels.getLast());
    }
    mesh.await(near, ztunnels.getFirst());
    Duration startedIn = Duration.ofNanos(System.nanoTime() - begin);
    said.putAll(ZtunnelFacts.of(ztunnels.getFirst().lines()));
    return new Open(site, site.server(server), ztunnels, startedIn);
  }

  private record Open(Site site, Side server, List<LabProcess> ztunnels, Duration startedIn)
      implements OpenLane {
    @Override
    public Side client() {
      return site.client();
    }

    @Override
    public Endpoint to(Service service) {
      return new Endpoint(server.address(), service.port());
    }

    @Override
    public Optional<Proxies> proxies() {
      return Optional.of(new Proxies(ztunnels.stream().map(LabProcess::pid).toList()));
    }

    @Override
    public Optional<Duration> startUp() {
      return Optional.of(startedIn);
    }

    @Override
    public boolean enrols() {
      return true;
    }

    @Override
    public Duration enrolment() throws IOException {
      return new LatePod(site, to(Service.HTTP)).enrol();
    }

    @Override
    public void close() throws IOException {
      for (LabProcess ztunnel : ztunnels) {
        ztunnel.terminate(END);
      }
    }
  }
}
