// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.culvert.policy.wire.discovery.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All resources of one type, by name and by alias. A version is a hash of the content: it is the
 * same in every replica and after every restart, so a proxy that reconnects is sent only what is
 * new to it. Immutable.
 */
public final class ResourceSet {
  /** No resources. */
  public static final ResourceSet EMPTY = new ResourceSet(List.of());

  private final SortedMap<String, Resource> byName;
  private final Map<String, String> names = new HashMap<>();

  /** Made when a proxy first asks by name; most ask for all. */
  private volatile Companions companions;

  private ResourceSet(Collection<Resource> resources) {
    SortedMap<String, Resource> sorted = new TreeMap<>();
    resources.forEach(resource -> sorted.put(resource.getName(), resource));
    byName = Collections.unmodifiableSortedMap(sorted);
    byName.forEach((name, resource) -> resource.getAliasesList().forEach(a -> names.put(a, name)));
    byName.keySet().forEach(name -> names.put(name, name));
  }

  /** The set of these resources; of two with one name the later one counts. */
  public static ResourceSet of(Collection<Resource> resources) {
    return new ResourceSet(resources);
  }

  /**
   * A resource with its version.
   *
   * @param aliases other names that a proxy may ask for it by
   */
  public static Resource resource(
      String typeUrl, String name, List<String> aliases, Message content) {
    ByteString bytes = bytes(content);
    return Resource.newBuilder()
        .setName(name)
        .addAllAliases(aliases)
        .setVersion(version(bytes))
        .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(bytes))
        .build();
  }

  /** By name, in the order of the names. */
  public SortedMap<String, Resource> byName() {
    return byName;
  }

  /** The name of the resource that has this name or alias. */
  Optional<String> name(String nameOrAlias) {
    return Optional.ofNullable(names.get(nameOrAlias));
  }

  /** What belongs together among them. */
  Companions companions() {
    Companions made = companions;
    if (made == null) {
      made = Companions.of(byName.values());
      companions = made;
    }
    return made;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ResourceSet set && byName.equals(set.byName);
  }

  @Override
  public int hashCode() {
    return byName.hashCode();
  }

  /** Maps are written in the order of their keys, so that equal content is equal bytes. */
  private static ByteString bytes(Message content) {
    byte[] bytes = new byte[content.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      content.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.copyFrom(bytes);
  }

  private static String version(ByteString bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.asReadOnlyByteBuffer());
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
