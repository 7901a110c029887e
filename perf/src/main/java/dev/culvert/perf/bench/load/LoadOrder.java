// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import java.io.File;
import java.util.List;

/**
 * What a load does.
 *
 * @param address of the front door, a literal
 * @param multiplexed HTTP/2 instead of HTTP/1.1
 * @param connections how many, all open before the first request
 * @param streams requests at once on each
 * @param seconds how long
 * @param perSecond requests a second; 0 for as many as are answered
 * @param tls the folder with {@code ca.pem}, {@code peer.pem} and {@code peer.key}
 */
public record LoadOrder(
    String address,
    int port,
    boolean multiplexed,
    int connections,
    int streams,
    int seconds,
    int perSecond,
    String tls) {
  /** Whom the door's certificate is for. */
  static final String NAME = "bench.peer";

  /** As a program's arguments. */
  public List<String> words() {
    return List.of(
        address,
        Integer.toString(port),
        Boolean.toString(multiplexed),
        Integer.toString(connections),
        Integer.toString(streams),
        Integer.toString(seconds),
        Integer.toString(perSecond),
        tls);
  }

  static LoadOrder of(String[] words) {
    return new LoadOrder(
        words[0],
        Integer.parseInt(words[1]),
        Boolean.parseBoolean(words[2]),
        Integer.parseInt(words[3]),
        Integer.parseInt(words[4]),
        Integer.parseInt(words[5]),
        Integer.parseInt(words[6]),
        words[7]);
  }

  File file(String name) {
    return new File(tls, name);
  }
}
