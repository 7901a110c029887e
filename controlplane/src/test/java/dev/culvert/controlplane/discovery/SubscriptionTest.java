// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that does what it is told holds what it wants, whatever it asks for, in any order. */
class SubscriptionTest {
  private static final int NAMES = 8;

  private final Map<String, Resource> client = new HashMap<>();
  private final Set<String> named = new HashSet<>();
  private boolean wildcard;
  private Subscription subscription = new Subscription("one");
  private ResourceSet current = ResourceSet.EMPTY;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void clientHoldsWhatItWants(long seed) {
    Random random = new Random(seed);
    connect(random.nextBoolean());
    for (int step = 0; step < 5_000; step++) {
      switch (random.nextInt(10)) {
        case 0 -> ask(name(random), true);
        case 1 -> ask(name(random), false);
        case 2 -> ask("*", random.nextBoolean());
        case 3 -> connect(wildcard);
        case 4 -> subscription.next(current, false).ifPresent(this::apply);
        case 5 -> current = ResourceSet.of(resources(random, NAMES));
        default -> current = change(random);
      }
      if (random.nextBoolean()) {
        subscription.next(current, true).ifPresent(this::apply);
        assertThat(client).as("seed %d step %d", seed, step).isEqualTo(wanted());
        assertThat(subscription.next(current, true)).isEmpty();
      }
    }
  }

  /** As after a lost connection: the same wishes, and the versions of what is held. */
  private void connect(boolean all) {
    wildcard = all;
    subscription = new Subscription("one");
    DeltaDiscoveryRequest.Builder first = DeltaDiscoveryRequest.newBuilder();
    if (wildcard) {
      first.addResourceNamesSubscribe("*");
    } else {
      first.addResourceNamesUnsubscribe("*");
    }
    first.addAllResourceNamesSubscribe(named);
    client.forEach((name, one) -> first.putInitialResourceVersions(name, one.getVersion()));
    subscription.update(first.build());
  }

  private void ask(String name, boolean subscribe) {
    DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder();
    if (subscribe) {
      subscription.update(request.addResourceNamesSubscribe(name).build());
    } else {
      subscription.update(request.addResourceNamesUnsubscribe(name).build());
    }
    if (name.equals("*")) {
      wildcard = subscribe;
    } else if (subscribe) {
      named.add(name);
    } else {
      named.remove(name);
      client.remove(name);
    }
    if (!wildcard) {
      client.values().removeIf(held -> !isNamed(held));
    }
  }

  private boolean isNamed(Resource resource) {
    return named.contains(resource.getName())
        || resource.getAliasesList().stream().anyMatch(named::contains);
  }

  private void apply(Delta delta) {
    delta.changed().forEach(one -> client.put(one.getName(), one));
    delta.removed().forEach(client::remove);
  }

  private Map<String, Resource> wanted() {
    Map<String, Resource> wanted = new HashMap<>(current.byName());
    Set<String> meant = new HashSet<>();
    named.forEach(name -> current.name(name).ifPresent(meant::add));
    wanted.keySet().removeIf(name -> !wildcard && !meant.contains(name));
    return wanted;
  }

  private ResourceSet change(Random random) {
    List<String> removed =
        random.nextBoolean() ? List.of("name-" + random.nextInt(NAMES)) : List.of();
    return current.with(resources(random, 1 + random.nextInt(2)), removed);
  }

  private static List<Resource> resources(Random random, int most) {
    List<Resource> resources = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      if (random.nextBoolean()) {
        // The aliases are in the content, as addresses are.
        String alias = "alias-" + random.nextInt(NAMES / 2);
        StringValue content = StringValue.of(alias + " content " + random.nextInt(3));
        resources.add(
            ResourceSet.resource("type", "name-" + random.nextInt(NAMES), List.of(alias), content));
      }
    }
    return resources;
  }

  private static String name(Random random) {
    return (random.nextBoolean() ? "name-" : "alias-") + random.nextInt(NAMES);
  }
}
