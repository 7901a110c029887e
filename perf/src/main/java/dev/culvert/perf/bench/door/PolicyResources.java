// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import dev.culvert.perf.bench.lane.AddedPolicy;
import dev.culvert.perf.bench.lane.Description;
import dev.culvert.perf.bench.lane.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The YAML of a front door for each policy that is compared, with the policy: one file each.
 *
 * @param service another name of the server behind the door, for what is about a Service
 */
record PolicyResources(BenchToken token, String service) {
  private static final String FOLDER = "/dev/culvert/perf/bench/policies/";
  private static final int MANY = 10_000;

  void write(Path folder) throws IOException {
    for (AddedPolicy policy : AddedPolicy.values()) {
      Files.writeString(folder.resolve(policy.key() + ".yaml"), of(policy));
    }
  }

  String of(AddedPolicy policy) throws IOException {
    String file = policy.key() + ".yaml";
    String text =
        new Template("policies/" + file, Description.resources(FOLDER).text(file))
            .with(
                Map.of(
                    "port",
                    Integer.toString(policy.port()),
                    "issuer",
                    BenchToken.ISSUER,
                    "keys",
                    token.keys(),
                    "service",
                    service));
    return policy == AddedPolicy.ROUTES
        ? text + "---\n" + GatewayResources.routes(policy.key(), MANY)
        : text;
  }
}
