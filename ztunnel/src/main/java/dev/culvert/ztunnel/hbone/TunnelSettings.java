// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import java.time.Duration;

/**
 * How tunnels are run.
 *
 * @param streamWindow bytes a peer may send on one stream before any is taken
 * @param connectionWindow the same for all streams; larger than one stream's, or an app that reads
 *     one stream only after another could wait forever
 * @param maxFrame largest frame taken, 16 KiB to 16 MiB - 1
 * @param maxStreamsServed streams a peer may have open in one tunnel to us
 * @param maxStreamsUsed streams we open in one tunnel before another is dialled
 * @param stripes tunnels that one event loop dials to a destination because those it has are
 *     congested; 1 dials none
 * @param maxHeaderList bytes of headers taken
 * @param pingInterval quiet between two probes of the peer
 * @param pingTimeout a peer silent for so long after a probe is gone
 * @param idleRelease a tunnel unused for so long is closed
 * @param connectTimeout for TCP, again for the TLS handshake, and again for the peer's first frame
 * @param answerTimeout a CONNECT without an answer for so long has failed
 * @param stallTimeout a stream whose peer takes no data for so long is reset; zero: never
 * @param unusedTimeout a tunnel to us without streams for so long is closed
 */
public record TunnelSettings(
    int streamWindow,
    int connectionWindow,
    int maxFrame,
    int maxStreamsServed,
    int maxStreamsUsed,
    int stripes,
    int maxHeaderList,
    Duration pingInterval,
    Duration pingTimeout,
    Duration idleRelease,
    Duration connectTimeout,
    Duration answerTimeout,
    Duration stallTimeout,
    Duration unusedTimeout) {

  /** What Istio's ztunnel uses, which its peers are tuned for. */
  public static TunnelSettings standard() {
    return new TunnelSettings(
        4 << 20,
        16 << 20,
        1 << 20,
        200,
        100,
        4,
        64 << 10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofMinutes(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ZERO,
        Duration.ofMinutes(15));
  }
}
