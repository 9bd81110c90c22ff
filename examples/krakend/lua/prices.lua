-- Amounts arrive in cents.
function in_euros(response)
  local data = response:data()
  local cents = data:get("price")
  if cents then
    data:set("price", cents / 100)
    data:set("currency", "EUR")
  end
end
