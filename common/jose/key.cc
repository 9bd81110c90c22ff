#include "common/jose/key.h"

#include <openssl/evp.h>

namespace ropewalk::jose {

void FreePkey::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

bool fits(const Key& key, Algorithm algorithm) {
  return key.type == key_type_of(algorithm) && key.coordinate == coordinate_size(algorithm);
}

}  // namespace ropewalk::jose
