// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.Stream;

/**
 * Watches: what has changed since a version and what changes from then on, until they are ended.
 */
final class Watches {
  private static final String EXPIRED =
      "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\","
          + "\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old resource version\","
          + "\"reason\":\"Expired\",\"code\":410}}";

  private final ObjectStore store;

  /** What goes out at once, and the version that the watch knows then. */
  private record Batch(List<String> lines, long version, boolean last) {}

  Watches(ObjectStore store) {
    this.store = store;
  }

  /** Serves one until its end. */
  void serve(HttpExchange exchange, ApiPath path) throws IOException, InterruptedException {
    int era = store.era();
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    Batch batch = new Batch(List.of(), Long.parseLong(path.query("resourceVersion")), false);
    while (!batch.last()) {
      batch = next(batch.version(), path, era);
      for (String line : batch.lines()) {
        out.write((line + "\n").getBytes(UTF_8));
      }
      out.flush();
    }
  }

  /** Waits for it. */
  private Batch next(long after, ApiPath path, int era) throws InterruptedException {
    synchronized (store) {
      long known = after;
      while (true) {
        if (!store.remembers(known)) {
          return new Batch(List.of(EXPIRED), known, true);
        }
        List<ObjectStore.Event> events = store.since(known, path);
        known = store.version();
        if (!events.isEmpty()) {
          return new Batch(lines(events, path, known), known, false);
        }
        if (era != store.era()) {
          return new Batch(List.of(), known, true);
        }
        store.wait();
      }
    }
  }

  private static List<String> lines(List<ObjectStore.Event> events, ApiPath path, long version) {
    Stream<String> changes =
        events.stream()
            .map(one -> "{\"type\":\"%s\",\"object\":%s}".formatted(one.type(), one.object()));
    Stream<String> bookmark =
        path.query("allowWatchBookmarks").equals("true")
            ? Stream.of(bookmark(version))
            : Stream.of();
    return Stream.concat(changes, bookmark).toList();
  }

  private static String bookmark(long version) {
    return ("{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Any\",\"apiVersion\":\"v1\","
            + "\"metadata\":{\"resourceVersion\":\"%d\"}}}")
        .formatted(version);
  }
}
