-- Writes are refused while the stock is counted.
function refuse_writes(c)
  if c:method() ~= "GET" then
    custom_error("stock is being counted, try again later", 503)
  end
end
