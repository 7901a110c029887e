// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Listening;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import dev.culvert.perf.bench.site.Side;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tunnel pair: one end beside the client, the other beside the server. */
public final class PeerLane implements Lane {
  private static final Duration END = Duration.ofSeconds(5);

  private final Peer peer;
  private final Side client;
  private final Side server;
  private final Path folder;
  private final Map<String, String> variables;

  /** Writes its files, with a new certificate for both ends. */
  public PeerLane(Peer peer, Site site) throws IOException {
    this.peer = peer;
    this.client = site.plainClient();
    this.server = site.plainServer();
    this.folder = Files.createDirectories(site.lab().layout().directory().resolve(peer.name()));
    this.variables = variables();
    for (Map.Entry<String, String> file : peer.files().entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), filled(file.getKey(), file.getValue()));
    }
  }

  private Map<String, String> variables() throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("dir", folder.toString());
    values.put("client-address", client.address());
    values.put("server-address", server.address());
    values.putAll(Certificates.make(folder.resolve("tls"), client).variables());
    for (Service service : Service.values()) {
      values.put(service.key() + "-entry", Integer.toString(service.entryPort()));
      values.put(service.key() + "-tunnel", Integer.toString(service.tunnelPort()));
      values.put(service.key() + "-port", Integer.toString(service.port()));
    }
    return values;
  }

  private String filled(String where, String text) throws IOException {
    return new Template("peer %s, %s".formatted(peer.name(), where), text).with(variables);
  }

  private List<String> filled(String where, List<String> command) throws IOException {
    List<String> words = new ArrayList<>();
    for (String word : command) {
      words.add(filled(where, word));
    }
    return words;
  }

  @Override
  public String name() {
    return peer.name();
  }

  @Override
  public String title() {
    return peer.title();
  }

  @Override
  public Map<String, String> facts() throws IOException {
    var result = client.run(filled("version", peer.version()));
    String version =
        (result.out() + "\n" + result.err())
            .lines()
            .filter(PeerLane::hasDigit)
            .findFirst()
            .orElse("?")
            .strip();
    return Map.of("software", version, "tls", peer.tls(), "suite", "TLS_AES_128_GCM_SHA256");
  }

  /** What a program says before its version has none. */
  private static boolean hasDigit(String line) {
    return line.chars().anyMatch(Character::isDigit);
  }

  @Override
  public OpenLane open() throws IOException {
    long begin = System.nanoTime();
    LabProcess far = server.start(peer.name() + "-server", filled("server", peer.server()));
    LabProcess near = client.start(peer.name() + "-client", filled("client", peer.client()));
    for (Service service : Service.values()) {
      Listening.await(server.place(), far, service.tunnelPort());
      Listening.await(client.place(), near, service.entryPort());
    }
    return new Open(client, server, near, far, Duration.ofNanos(System.nanoTime() - begin));
  }

  private record Open(Side client, Side server, LabProcess near, LabProcess far, Duration startedIn)
      implements OpenLane {
    @Override
    public Endpoint to(Service service) {
      return new Endpoint(client.address(), service.entryPort());
    }

    @Override
    public Optional<Proxies> proxies() {
      return Optional.of(new Proxies(List.of(near.pid(), far.pid())));
    }

    @Override
    public Optional<Duration> startUp() {
      return Optional.of(startedIn);
    }

    @Override
    public void close() throws IOException {
      near.terminate(END);
      far.terminate(END);
    }
  }
}
