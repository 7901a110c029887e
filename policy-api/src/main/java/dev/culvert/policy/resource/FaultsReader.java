// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.traffic.Faults;
import dev.culvert.policy.traffic.Faults.Abort;
import dev.culvert.policy.traffic.Faults.Delay;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads what is made to go wrong. */
final class FaultsReader {
  private static final int OK = 200;

  private FaultsReader() {}

  static Faults read(ObjectReader faults) {
    return new Faults(
        faults.has("delay") ? delay(faults.object("delay")) : Optional.empty(),
        faults.has("abort") ? Optional.of(abort(faults.object("abort"))) : Optional.empty());
  }

  private static Optional<Delay> delay(ObjectReader delay) {
    delay.require("duration", "write how long requests wait, as 3s");
    int percent = delay.integer("percent", 100, 0, 100);
    return delay.parsed("duration", TimeSpans::positive).map(span -> new Delay(percent, span));
  }

  private static Abort abort(ObjectReader abort) {
    int percent = abort.integer("percent", 100, 0, 100);
    int status = abort.integer("status", OK, OK, 599);
    int code = abort.integer("grpcStatus", 0, 1, 16);
    if (abort.has("status") == abort.has("grpcStatus")) {
      abort.error("status", "there is one answer", "write one of status and grpcStatus");
    }
    return new Abort(percent, status, code == 0 ? OptionalInt.empty() : OptionalInt.of(code));
  }
}
